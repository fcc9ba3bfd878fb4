#pragma once

#include <mutex>

#include "neurocuda/runtime/executable.hpp"
#include "runtime/cpu/exact/count_plan.hpp"
#include "runtime/cpu/isa.hpp"
#include "runtime/cpu/plan.hpp"
#include "runtime/timestep_proof.hpp"

namespace neurocuda::runtime::cpu {

/// Event-driven, threads over images. `isa` names the instruction set; empty chooses the fastest. Throws UserError as
/// choose_isa does.
class CpuExecutable : public Executable {
 public:
  explicit CpuExecutable(const program::Program& program, std::string_view isa = {});

  std::string_view target() const override { return "cpu"; }
  std::string isa() const override { return std::string(isa_.name); }
  const program::Program& program() const override { return program_; }
  RunResult run(const program::EncodedInput& input, const RunOptions& options = {}) const override;

 protected:
  std::unique_ptr<Stream> make_stream(std::int64_t images, const RunOptions& options) const override;

 private:
  RunResult run_on_counts(const program::EncodedInput& input, const RunOptions& options) const;

  const Isa& isa_;
  program::Program program_;
  Plan plan_;
  /// Made by the first run that wants it: it takes as much memory as the plan.
  const exact::CountPlan& count_plan() const;
  mutable std::once_flag count_plan_once_;
  mutable exact::CountPlan count_plan_;
  TimestepProof proof_;
};

}  // namespace neurocuda::runtime::cpu
