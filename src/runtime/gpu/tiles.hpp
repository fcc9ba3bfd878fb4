#pragma once

#include "runtime/gpu/tensor_core_args.hpp"

/// The choice of tiles, on the host.
namespace neurocuda::runtime::gpu {

inline constexpr int kMaxWarps = 8;
/// Column counts that the kernel is compiled for, widest first.
inline constexpr int kColumnChoices[] = {64, 32, 16};

/// Cuts `images` images of `positions` positions into tiles for blocks of `warps` warps.
Tiling make_tiling(int warps, int columns, int positions, int images);

/// `layer` (its groups and their windows, target shape) with this tiling: patch sizes, shared memory, column blocks.
TensorCoreLayer tiled(TensorCoreLayer layer, const Tiling& tiling);

/// The most warps whose shared memory fits, 0 when not even one does.
int fitting_warps(const TensorCoreLayer& layer, int columns, int images, int shared_bytes);

/// Columns per block: as few blocks as the channels allow, fewer columns where the weights of a block would not leave
/// room for four warps. 0 when nothing fits.
int choose_columns(const TensorCoreLayer& layer, int images, int shared_bytes);

/// The layer cut for a batch: as many warps per block as fit, fewer while multiprocessors would stay idle.
TensorCoreLayer cut(const TensorCoreLayer& layer, int columns, int images, int shared_bytes, int multiprocessors);

}  // namespace neurocuda::runtime::gpu
