#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "neurocuda/base/shape.hpp"
#include "nir/tree.hpp"

namespace neurocuda::nir::native {

/// Integers as a floating-point array: float32 when it holds every value exactly, float64 otherwise.
Array real_array(Shape shape, std::span<const std::int64_t> values);

/// (C,) values spread over all positions of `shape`, (C, H, W) or (C,).
std::vector<std::int64_t> spread(std::span<const std::int64_t> channels, const Shape& shape);

/// A one-dimensional int64 array.
template <class T>
Array integer_array(const std::vector<T>& values) {
  return {{static_cast<std::int64_t>(values.size())}, std::vector<std::int64_t>(values.begin(), values.end())};
}

/// (height, width)
inline Array size_array(Size2 size) { return integer_array(std::vector<std::int64_t>{size.height, size.width}); }

}  // namespace neurocuda::nir::native
