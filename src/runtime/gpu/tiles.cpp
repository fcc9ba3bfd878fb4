#include "runtime/gpu/tiles.hpp"

#include <algorithm>
#include <limits>

namespace neurocuda::runtime::gpu {
namespace {

/// Offsets into a patch buffer are 16 bits wide in the kernel's table.
constexpr int kMaxBufferWords = std::numeric_limits<std::uint16_t>::max();

int largest_patch(const Tiling& tiling, const TensorCoreGroup& group, int width, int positions) {
  int rows = 0;
  for (int tile = 0; tile < tiling.tiles_per_image; ++tile) {
    rows = std::max(rows, group.patch_rows(tiling, tile, width, positions).count);
  }
  return rows;
}

}  // namespace

Tiling make_tiling(int warps, int rows, int columns, int positions, int images) {
  Tiling tiling;
  tiling.warps = warps;
  tiling.columns = columns;
  tiling.rows = rows;
  if (positions > tiling.rows) {
    tiling.tiles_per_image = ceil_div(positions, tiling.rows);
  } else {
    tiling.images_per_tile = std::max(1, std::min(tiling.rows / positions, images));
  }
  return tiling;
}

Tiling make_tiling(int warps, int columns, int positions, int images) {
  return make_tiling(warps, warps * kWarpRows, columns, positions, images);
}

void set_tiling(TensorCoreLayer& layer, const Tiling& tiling) {
  layer.tiling = tiling;
  layer.column_blocks = ceil_div(layer.channels, tiling.columns);
  for (int g = 0; g < layer.group_count; ++g) {
    TensorCoreGroup& group = layer.groups[g];
    const int rows = largest_patch(tiling, group, layer.width, layer.positions);
    group.patch_words = round_up4(rows * group.width * group.stride);
  }
}

TensorCoreLayer tiled(TensorCoreLayer layer, const Tiling& tiling) {
  set_tiling(layer, tiling);
  layer.at = shared_layout(layer);
  return layer;
}

bool fits(const TensorCoreLayer& layer, int shared_bytes) {
  return layer.at.total <= shared_bytes / static_cast<int>(sizeof(std::uint32_t)) &&
         layer.at.buffer_words <= kMaxBufferWords;
}

int fitting_warps(const TensorCoreLayer& layer, int columns, int images, int shared_bytes) {
  for (int warps = kMaxWarps; warps > 0; warps /= 2) {
    if (fits(tiled(layer, make_tiling(warps, columns, layer.positions, images)), shared_bytes)) return warps;
  }
  return 0;
}

int choose_columns(const TensorCoreLayer& layer, int images, int shared_bytes) {
  for (const int least : {kMaxWarps / 2, 1}) {
    for (const int columns : kColumnChoices) {
      const bool wasteful = columns > kColumnChoices[2] && layer.channels <= columns / 2;
      if (!wasteful && fitting_warps(layer, columns, images, shared_bytes) >= least) return columns;
    }
  }
  return 0;
}

TensorCoreLayer cut(const TensorCoreLayer& layer, int columns, int images, int shared_bytes, int multiprocessors) {
  TensorCoreLayer chosen;
  for (int warps = fitting_warps(layer, columns, images, shared_bytes); warps > 0; warps /= 2) {
    chosen = tiled(layer, make_tiling(warps, columns, layer.positions, images));
    chosen.images = images;
    if (chosen.blocks() >= multiprocessors) break;
  }
  return chosen;
}

}  // namespace neurocuda::runtime::gpu
