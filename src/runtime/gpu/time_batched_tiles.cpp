#include "runtime/gpu/time_batched_tiles.hpp"

#include <optional>

#include "runtime/gpu/tiles.hpp"

namespace neurocuda::runtime::gpu {
namespace {

TimeBatchedLayer cut_into(const TensorCoreLayer& layer, const Tiling& tiling, int row_warps, int steps, int images) {
  TimeBatchedLayer made;
  static_cast<TensorCoreLayer&>(made) = layer;
  made.images = images;
  made.steps = steps;
  made.row_warps = row_warps;
  made.parts = tiling.warps / row_warps;
  set_tiling(made, tiling);
  time_batched_layout(made);
  return made;
}

/// With the most timesteps per tile that fit; all tiles of about the same length.
std::optional<TimeBatchedLayer> longest_tiles(const TensorCoreLayer& layer, int columns, int images, int shared_bytes,
                                              int warps, int row_warps) {
  for (int most = kLanes; most > 0; most /= 2) {
    const int steps = ceil_div(layer.timesteps, ceil_div(layer.timesteps, most));
    const int positions = row_warps * kWarpRows / steps;
    const Tiling tiling = make_tiling(warps, positions, columns, layer.positions, images);
    TimeBatchedLayer cut = cut_into(layer, tiling, row_warps, steps, images);
    if (fits(cut, shared_bytes)) return cut;
  }
  return std::nullopt;
}

}  // namespace

std::vector<TimeBatchedLayer> time_batched_cuts(const TensorCoreLayer& layer, int columns, int images,
                                                int shared_bytes) {
  std::vector<TimeBatchedLayer> cuts;
  for (int warps = kMaxWarps; warps > 0 && cuts.empty(); warps /= 2) {
    for (int row_warps = warps; row_warps > 0; row_warps /= 2) {
      if (auto cut = longest_tiles(layer, columns, images, shared_bytes, warps, row_warps)) cuts.push_back(*cut);
    }
  }
  return cuts;
}

}  // namespace neurocuda::runtime::gpu
