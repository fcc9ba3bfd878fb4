#pragma once

#include <ATen/ATen.h>

#include <algorithm>
#include <cstdint>
#include <type_traits>

#include "neurons/simd_clones.hpp"

/// Kernels compute in float32; tensors hold float32 or bfloat16. A block of bfloat16 passes through a small buffer.
namespace neurocuda::neurons {

/// from_bfloat16 and to_bfloat16 of scalar.hpp, `count` times.
void widen(const std::uint16_t* from, float* to, std::int64_t count);
void narrow(const float* from, std::uint16_t* to, std::int64_t count);

/// `count` elements as float32: in place, or through `buffer`.
template <class Scalar>
const float* read_floats(const Scalar* from, float* buffer, std::int64_t count) {
  if constexpr (std::is_same_v<Scalar, float>) {
    return from;
  } else {
    widen(reinterpret_cast<const std::uint16_t*>(from), buffer, count);
    return buffer;
  }
}

/// Where a kernel writes what shall end up at `to`: there, or in `buffer` until `written`.
template <class Scalar>
float* place_floats(Scalar* to, float* buffer) {
  if constexpr (std::is_same_v<Scalar, float>) {
    return to;
  } else {
    return buffer;
  }
}
template <class Scalar>
void written(const float* buffer, Scalar* to, std::int64_t count) {
  if constexpr (!std::is_same_v<Scalar, float>) narrow(buffer, reinterpret_cast<std::uint16_t*>(to), count);
}

/// Copies float32 to a tensor's memory.
template <class Scalar>
void store_floats(const float* from, Scalar* to, std::int64_t count) {
  if constexpr (std::is_same_v<Scalar, float>) {
    std::copy(from, from + count, to);
  } else {
    narrow(from, reinterpret_cast<std::uint16_t*>(to), count);
  }
}

/// Calls function(Scalar()) with the C++ type of a float32 or bfloat16 tensor.
template <class Function>
auto with_scalar(const torch::Tensor& tensor, const Function& function) {
  return tensor.scalar_type() == torch::kBFloat16 ? function(at::BFloat16()) : function(float());
}

}  // namespace neurocuda::neurons
