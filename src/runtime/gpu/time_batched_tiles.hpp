#pragma once

#include <vector>

#include "runtime/gpu/time_batched_args.hpp"

/// The tiles of positions x timesteps that the time-batched kernel can be run with, on the host.
namespace neurocuda::runtime::gpu {

/// The layer cut for a batch in every way in which a block's warps can share rows and inputs: each with as many
/// timesteps per tile as the shared memory has room for. Blocks have eight warps where those fit. Empty where nothing
/// does.
std::vector<TimeBatchedLayer> time_batched_cuts(const TensorCoreLayer& layer, int columns, int images,
                                                int shared_bytes);

}  // namespace neurocuda::runtime::gpu
