#pragma once

#include <optional>

#include "passes/paths/linear_map.hpp"

namespace neurocuda::passes::paths {

/// The max pool of an image of `input` extents whose values are not negative, if `padding` is a zero padding before it:
/// the padding becomes the pool's own, which takes no part. Nothing when the map is something else, or when the windows
/// would not start at the same places.
std::optional<Window> pool_of_padded(const Window& pool, const ConvMap& padding, Size2 input);

}  // namespace neurocuda::passes::paths
