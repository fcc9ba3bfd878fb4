#pragma once

#include <cstdint>

#include "neurocuda/base/host_device.hpp"

/// Atomic on the device; on the host, where tests run one thread after the other, plain.
namespace neurocuda::runtime::gpu {

/// As CUDA's atomics have it.
using Counter = unsigned long long;

NEUROCUDA_HD void add_to(Counter* counter, Counter amount) {
#ifdef __CUDA_ARCH__
  atomicAdd(counter, amount);
#else
  *counter += amount;
#endif
}

NEUROCUDA_HD void set_bits(std::uint32_t* word, std::uint32_t bits) {
#ifdef __CUDA_ARCH__
  atomicOr(word, bits);
#else
  *word |= bits;
#endif
}

NEUROCUDA_HD int count_bits(std::uint32_t word) {
#ifdef __CUDA_ARCH__
  return __popc(word);
#else
  return __builtin_popcount(word);
#endif
}

}  // namespace neurocuda::runtime::gpu
