#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "neurocuda/base/shape.hpp"

namespace neurocuda::onnx {

/// By how many elements each axis of a tensor steps; 0 where it is broadcast.
using Strides = std::vector<std::int64_t>;

/// Of a dense row-major tensor. An empty one has none to step over.
inline Strides strides_of(const Shape& shape) {
  Strides strides(shape.size(), 0);
  if (std::ranges::find(shape, 0) != shape.end()) return strides;
  std::int64_t step = 1;
  for (std::size_t axis = shape.size(); axis-- > 0;) {
    strides[axis] = step;
    step *= shape[axis];
  }
  return strides;
}

/// Calls visit(offsets) for the elements of `shape` in row-major order: the offset into each of K tensors, of which
/// each has its own strides and first element.
template <std::size_t K, class Visit>
void walk(const Shape& shape, const std::array<Strides, K>& strides, std::array<std::int64_t, K> offsets,
          const Visit& visit) {
  if (std::ranges::find(shape, 0) != shape.end()) return;
  std::vector<std::int64_t> index(shape.size(), 0);
  while (true) {
    visit(offsets);
    std::size_t axis = shape.size();
    while (true) {
      if (axis == 0) return;
      --axis;
      const bool wraps = ++index[axis] == shape[axis];
      for (std::size_t k = 0; k < K; ++k) offsets[k] += strides[k][axis] * (wraps ? 1 - shape[axis] : 1);
      if (!wraps) break;
      index[axis] = 0;
    }
  }
}

}  // namespace neurocuda::onnx
