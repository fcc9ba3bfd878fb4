#pragma once

#include "neurocuda/runtime/executable.hpp"
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
  const Isa& isa_;
  program::Program program_;
  Plan plan_;
  TimestepProof proof_;
};

}  // namespace neurocuda::runtime::cpu
