#include "runtime/gpu/batch_size.hpp"

#include <limits>

#include "neurocuda/base/error.hpp"

namespace neurocuda::runtime::gpu {
namespace {

constexpr double kMiB = 1024.0 * 1024.0;

bool fits(const Buffers& buffers, std::int64_t bytes) {
  return buffers.total <= bytes && buffers.largest_elements <= std::numeric_limits<std::int32_t>::max();
}

}  // namespace

int images_per_pass(const program::Program& program, const NetworkPlan& plan, RunShape run, std::int64_t images,
                    std::int64_t bytes) {
  for (std::int64_t passes = (images + kMostImages - 1) / kMostImages;; passes *= 2) {
    const std::int64_t share = passes > 1 ? bytes / Device::kStreams : bytes;
    run.images = static_cast<int>((images + passes - 1) / passes);
    const Buffers buffers = plan_buffers(program, plan, run);
    if (fits(buffers, share)) return run.images;
    if (run.images == 1) {
      fail(
          "gpu: one image of '{}' at T = {} needs {:.0f} MiB of device memory, {:.0f} MiB are free: use fewer "
          "timesteps, "
          "record less or choose the target cpu",
          program.name, run.timesteps, static_cast<double>(buffers.total) / kMiB, static_cast<double>(share) / kMiB);
    }
  }
}

}  // namespace neurocuda::runtime::gpu
