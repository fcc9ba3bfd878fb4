#include "runtime/cpu/cpu_executable.hpp"

#include "neurocuda/base/threads.hpp"
#include "runtime/cpu/exact/count_run.hpp"
#include "runtime/cpu/image_run.hpp"
#include "runtime/image_stream.hpp"

namespace neurocuda::runtime::cpu {

CpuExecutable::CpuExecutable(const program::Program& program, std::string_view isa)
    : isa_(choose_isa(isa)),
      program_(program),
      plan_(make_plan(program_, {isa_.kernels().windows.widest_block, isa_.kernels().windows.vector_bytes})) {}

namespace {

/// One ImageRun per worker, made by the worker: its memory is near its core.
class Workers {
 public:
  /// Where there are fewer images than threads, several share an image.
  Workers(const program::Program& program, const Plan& plan, const Kernels& kernels, int threads)
      : program_(program), plan_(plan), kernels_(kernels), threads_(resolve_threads(threads)) {}

  void prepare(int workers) {
    runs_.resize(static_cast<std::size_t>(workers));
    team_ = workers > 0 ? threads_ / workers : 1;
  }
  void run(const ImageTask& task, int worker) {
    auto& run = runs_[static_cast<std::size_t>(worker)];
    if (!run || run->timesteps() < task.timesteps) {
      run = std::make_unique<ImageRun>(program_, plan_, kernels_, task.timesteps, team_);
    }
    run->run(task);
  }

 private:
  const program::Program& program_;
  const Plan& plan_;
  const Kernels& kernels_;
  int threads_, team_ = 1;
  std::vector<std::unique_ptr<ImageRun>> runs_;
};

}  // namespace

const exact::CountPlan& CpuExecutable::count_plan() const {
  std::call_once(count_plan_once_, [this] { count_plan_ = exact::make_count_plan(program_, plan_); });
  return count_plan_;
}

RunResult CpuExecutable::run_on_counts(const program::EncodedInput& input, const RunOptions& options) const {
  std::vector<std::unique_ptr<exact::CountRun>> runs;
  return run_images(
      program_, proof_, input, options, [&](int workers) { runs.resize(static_cast<std::size_t>(workers)); },
      [&](const ImageTask& task, int worker) {
        auto& run = runs[static_cast<std::size_t>(worker)];
        if (!run) run = std::make_unique<exact::CountRun>(program_, plan_, count_plan(), isa_.kernels());
        run->run(task);
      });
}

RunResult CpuExecutable::run(const program::EncodedInput& input, const RunOptions& options) const {
  if (exact::counts_suffice(program_, proof_.resolve(program_, options), options)) return run_on_counts(input, options);
  Workers all(program_, plan_, isa_.kernels(), options.threads);
  return run_images(
      program_, proof_, input, options, [&](int workers) { all.prepare(workers); },
      [&](const ImageTask& task, int worker) { all.run(task, worker); });
}

std::unique_ptr<Stream> CpuExecutable::make_stream(std::int64_t images, const RunOptions& options) const {
  const auto all = std::make_shared<Workers>(program_, plan_, isa_.kernels(), options.threads);
  return std::make_unique<ImageStream>(
      program_, images, options, [this] { return std::make_unique<State>(plan_); },
      [all](int workers) { all->prepare(workers); },
      [all](const ImageTask& task, int worker) { all->run(task, worker); });
}

}  // namespace neurocuda::runtime::cpu
