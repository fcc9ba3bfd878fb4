#include "runtime/gpu/fused_choice.hpp"

#include "runtime/gpu/kernel_costs.hpp"
#include "runtime/gpu/tiles.hpp"
#include "runtime/gpu/time_batched_tiles.hpp"

namespace neurocuda::runtime::gpu {

Kernel choose_fused_kernel(const TensorCoreLayer& layer, int columns, int images, const DeviceLimits& limits,
                           KernelChoice choice) {
  const TensorCoreLayer stepwise = cut(layer, columns, images, limits.shared_bytes, limits.multiprocessors);
  if (choice == KernelChoice::stepwise) return stepwise;
  Kernel best = stepwise;
  double least = predicted_microseconds(stepwise, limits);
  bool any = choice != KernelChoice::time_batched;
  for (const TimeBatchedLayer& cut : time_batched_cuts(layer, columns, images, limits.shared_bytes)) {
    const double time = predicted_microseconds(cut, limits);
    if (any && time >= least) continue;
    best = cut;
    least = time;
    any = true;
  }
  return best;
}

}  // namespace neurocuda::runtime::gpu
