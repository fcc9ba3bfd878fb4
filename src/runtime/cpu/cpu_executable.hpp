#pragma once

#include <mutex>

#include "neurocuda/runtime/executable.hpp"
#include "runtime/cpu/exact/count_run.hpp"
#include "runtime/cpu/isa.hpp"
#include "runtime/cpu/plan/dense_convs.hpp"
#include "runtime/cpu/plan/plan.hpp"
#include "runtime/cpu/run/image_run.hpp"
#include "runtime/cpu/run/synapse_path.hpp"
#include "runtime/cpu/run/workers.hpp"
#include "runtime/timestep_proof.hpp"

namespace neurocuda::runtime::cpu {

/// Event-driven, threads over images. `isa` names the instruction set; empty chooses the fastest. Throws UserError as
/// choose_isa does.
class CpuExecutable : public Executable {
 public:
  explicit CpuExecutable(const program::Program& program, std::string_view isa = {},
                         SynapsePath path = SynapsePath::by_density);

  std::string_view target() const override { return "cpu"; }
  std::string isa() const override { return std::string(isa_.name); }
  const program::Program& program() const override { return program_; }
  RunResult run(const program::EncodedInput& input, const RunOptions& options = {}) const override;

 protected:
  std::unique_ptr<Stream> make_stream(std::int64_t images, const RunOptions& options) const override;

 private:
  Workers<ImageRun>::Make make_image_run() const;

  const Isa& isa_;
  SynapsePath path_;
  program::Program program_;
  Plan plan_;
  DenseConvs dense_;
  const exact::CountPlan& count_plan() const;  // made by the first run that wants it
  mutable std::once_flag count_plan_once_;
  mutable exact::CountPlan count_plan_;
  TimestepProof proof_;
  mutable SpareWorkers<ImageRun> image_runs_;
  mutable SpareWorkers<exact::CountRun> count_runs_;
};

}  // namespace neurocuda::runtime::cpu
