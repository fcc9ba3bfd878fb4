#pragma once

#include <optional>
#include <vector>

#include "runtime/cpu/aligned.hpp"
#include "runtime/cpu/kernels/window_kernels.hpp"
#include "runtime/cpu/plan/pack.hpp"

namespace neurocuda::runtime::cpu {

/// A convolution's weights as the sliding windows read them, in blocks of output channels.
struct WindowWeights {
  std::vector<WindowBlock> blocks;
  Aligned<std::uint8_t> bytes;

  WindowWeights() = default;
  WindowWeights(WindowWeights&&) = default;
  WindowWeights& operator=(WindowWeights&&) = default;
  WindowWeights(const WindowWeights&) = delete;  // the blocks point into the bytes
  WindowWeights& operator=(const WindowWeights&) = delete;
};

/// The widest block of channels, and the widest vector.
struct WindowWidths {
  std::int64_t block, vector_bytes;
};

/// Whether a window of the kernels fits; add_spikes does the others.
bool has_window(const PackedConv& conv);
/// Empty where none does.
std::optional<WindowWeights> window_weights(const PackedConv& conv, const WindowWidths& widths);

}  // namespace neurocuda::runtime::cpu
