#pragma once

#include "runtime/gpu/tensor_core_args.hpp"

/// The choice of tiles of the fused kernel, on the host.
namespace neurocuda::runtime::gpu {

inline constexpr int kMaxWarps = 8;
/// Column counts that the kernel is compiled for, widest first.
inline constexpr int kColumnChoices[] = {64, 32, 16};

/// Cuts `images` images of `positions` positions into tiles of `rows` rows for blocks of `warps` warps.
Tiling make_tiling(int warps, int rows, int columns, int positions, int images);
/// ... of kWarpRows rows per warp.
Tiling make_tiling(int warps, int columns, int positions, int images);

/// Gives a layer (its groups and their windows, target shape) a tiling: column blocks and patch sizes.
void set_tiling(TensorCoreLayer& layer, const Tiling& tiling);
/// ... and its shared memory.
TensorCoreLayer tiled(TensorCoreLayer layer, const Tiling& tiling);

/// Whether a tiled layer's blocks find room in so much shared memory.
bool fits(const TensorCoreLayer& layer, int shared_bytes);

/// The most warps whose shared memory fits, 0 when not even one does.
int fitting_warps(const TensorCoreLayer& layer, int columns, int images, int shared_bytes);

/// Columns per block: as few blocks as the channels allow, fewer columns where the weights of a block would not leave
/// room for four warps. 0 when nothing fits.
int choose_columns(const TensorCoreLayer& layer, int images, int shared_bytes);

/// The layer cut for a batch: as many warps per block as fit, fewer while multiprocessors would stay idle.
TensorCoreLayer cut(const TensorCoreLayer& layer, int columns, int images, int shared_bytes, int multiprocessors);

}  // namespace neurocuda::runtime::gpu
