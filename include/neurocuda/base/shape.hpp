#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace neurocuda {

/// Extents of a tensor, outermost first. Images are (C, H, W); batches (N, C, H, W).
using Shape = std::vector<std::int64_t>;

/// A height and a width: kernels, strides, paddings, dilations.
struct Size2 {
  std::int64_t height = 0;
  std::int64_t width = 0;
  bool operator==(const Size2&) const = default;
};

/// Product of the extents (1 for a scalar). Throws UserError when an extent is negative or the product
/// does not fit 2^40 elements, so that malformed files never cause unbounded allocation.
std::int64_t element_count(const Shape& shape);

/// "(3, 32, 32)"
std::string to_string(const Shape& shape);

/// "3x3"
std::string to_string(const Size2& size);

/// Geometry of a sliding window (convolution or pooling), symmetric zero padding.
struct Window {
  Size2 kernel{1, 1};
  Size2 stride{1, 1};
  Size2 padding{0, 0};
  Size2 dilation{1, 1};
  bool ceil_mode = false;  ///< pools: the last window may reach over the far border, if it begins before it
  bool operator==(const Window&) const = default;
};

/// Output extents of a window over an input of the given height and width:
/// out = (in + 2 padding - dilation (kernel - 1) - 1) / stride + 1, rounded down. In ceil mode rounded up, without a
/// window that would begin in the padding behind the input. Not positive when the window does not fit.
Size2 output_size(const Window& window, Size2 input);

}  // namespace neurocuda
