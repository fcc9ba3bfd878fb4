#include "runtime/cpu/cpu_executable.hpp"

#include "runtime/cpu/image_run.hpp"
#include "runtime/run_images.hpp"

namespace neurocuda::runtime::cpu {

CpuExecutable::CpuExecutable(const program::Program& program, std::string_view isa)
    : isa_(choose_isa(isa)), program_(program), plan_(make_plan(program_)) {}

RunResult CpuExecutable::run(const program::EncodedInput& input, const RunOptions& options) const {
  std::vector<std::unique_ptr<ImageRun>> runs;  // one per worker, made by the worker: its memory is near its core
  const auto prepare = [&](int workers) { runs.resize(static_cast<std::size_t>(workers)); };
  return run_images(program_, proof_, input, options, prepare, [&](const ImageTask& task, int worker) {
    auto& run = runs[static_cast<std::size_t>(worker)];
    if (!run) run = std::make_unique<ImageRun>(program_, plan_, isa_.kernels(), task.timesteps);
    run->run(task);
  });
}

}  // namespace neurocuda::runtime::cpu
