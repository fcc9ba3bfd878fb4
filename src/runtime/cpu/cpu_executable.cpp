#include "runtime/cpu/cpu_executable.hpp"

#include "neurocuda/base/threads.hpp"
#include "runtime/image_stream.hpp"

namespace neurocuda::runtime::cpu {

CpuExecutable::CpuExecutable(const program::Program& program, std::string_view isa, SynapsePath path)
    : isa_(choose_isa(isa)),
      path_(path),
      program_(program),
      plan_(make_plan(program_, {isa_.kernels().windows.widest_block, isa_.kernels().windows.vector_bytes},
                      isa_.kernels().costs)),
      dense_(program_) {}

const exact::CountPlan& CpuExecutable::count_plan() const {
  std::call_once(count_plan_once_, [this] { count_plan_ = exact::make_count_plan(program_, plan_); });
  return count_plan_;
}

RunResult CpuExecutable::run(const program::EncodedInput& input, const RunOptions& options) const {
  const int threads = resolve_threads(options.threads);
  const auto with = [&](auto workers) {
    return run_images(
        program_, proof_, input, options, [&](int count) { workers->prepare(count); },
        [&](const ImageTask& task, int worker) { workers->run(task, worker); });
  };
  if (exact::counts_suffice(program_, proof_.resolve(program_, options), options)) {
    const exact::CountPlan& counts = count_plan();
    return with(count_runs_.take(threads, [this, &counts](const ImageTask&, int team) {
      return std::make_unique<exact::CountRun>(program_, plan_, counts, dense_, isa_.kernels(), team);
    }));
  }
  return with(image_runs_.take(threads, make_image_run()));
}

std::unique_ptr<Stream> CpuExecutable::make_stream(std::int64_t images, const RunOptions& options) const {
  const auto workers = std::make_shared<Workers<ImageRun>>(resolve_threads(options.threads), make_image_run());
  return std::make_unique<ImageStream>(
      program_, images, options, [this] { return std::make_unique<State>(plan_); },
      [workers](int count) { workers->prepare(count); },
      [workers](const ImageTask& task, int worker) { workers->run(task, worker); });
}

Workers<ImageRun>::Make CpuExecutable::make_image_run() const {
  return [this](const ImageTask& task, int team) {
    return std::make_unique<ImageRun>(program_, plan_, dense_, isa_.kernels(), RunSetup{task.timesteps, team, path_});
  };
}

}  // namespace neurocuda::runtime::cpu
