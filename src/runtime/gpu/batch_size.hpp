#pragma once

#include "runtime/gpu/buffers.hpp"

namespace neurocuda::runtime::gpu {

/// Most images of one pass: enough to fill a large device many times over.
inline constexpr int kMostImages = 512;

/// Of what is free; the rest is left to the driver and to others.
inline constexpr double kUsableMemory = 0.9;

/// Images per pass for a batch of `images`: all of them, or equal parts where `bytes` of memory or kMostImages are
/// fewer (two passes are then under way at once, each with half of the memory). Throws UserError when not even one
/// image fits.
int images_per_pass(const program::Program& program, const NetworkPlan& plan, RunShape run, std::int64_t images,
                    std::int64_t bytes);

}  // namespace neurocuda::runtime::gpu
