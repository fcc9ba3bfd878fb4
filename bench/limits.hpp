#pragma once

#include <cstdint>
#include <vector>

/// What this processor can do at most with the work of a sliding window: bytes that are added to 16-bit sums, as the
/// windows do it (a sum, and a sum of the high bytes: three operations for 64 weights).
namespace neurocuda::bench {

#if defined(__x86_64__)
#define NEUROCUDA_WIDE __attribute__((target("avx512f,avx512bw")))
constexpr bool kHasLimits = true;
inline bool limits_supported() { return __builtin_cpu_supports("avx512bw"); }
#else
#define NEUROCUDA_WIDE
constexpr bool kHasLimits = false;
inline bool limits_supported() { return false; }
#endif

typedef std::uint16_t Lanes __attribute__((vector_size(64), aligned(64), may_alias));
constexpr std::int64_t kLaneBytes = 64;

NEUROCUDA_WIDE inline std::uint64_t any_lane(Lanes sums) { return sums[0]; }

/// Adds 8 vectors that stay in registers, `rounds` times: 512 x rounds weights.
NEUROCUDA_WIDE inline std::uint64_t add_from_registers(std::int64_t rounds) {
  Lanes sum[8] = {}, high[8] = {}, x[8] = {};
  for (std::int64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 8
    for (int i = 0; i < 8; ++i) {
      asm volatile("" : "+v"(x[i]));  // it may be another one every time
      sum[i] += x[i];
      high[i] += x[i] >> 8;
    }
  }
  for (int i = 1; i < 8; ++i) sum[0] += sum[i] + high[i];
  return any_lane(sum[0] + high[0]);
}

/// The same with weights from memory, one pass over all of them.
NEUROCUDA_WIDE inline std::uint64_t add_from_memory(const std::vector<std::uint8_t>& weights) {
  Lanes sum[8] = {}, high[8] = {};
  const auto* at = reinterpret_cast<const std::uint8_t*>((reinterpret_cast<std::uintptr_t>(weights.data()) + 63) &
                                                         ~std::uintptr_t{63});
  const std::int64_t vectors = static_cast<std::int64_t>(weights.size()) / kLaneBytes - 1;
  for (std::int64_t first = 0; first + 8 <= vectors; first += 8) {
#pragma GCC unroll 8
    for (int i = 0; i < 8; ++i) {
      Lanes x = *reinterpret_cast<const Lanes*>(at + (first + i) * kLaneBytes);
      asm volatile("" : "+v"(x));
      sum[i] += x;
      high[i] += x >> 8;
    }
  }
  for (int i = 1; i < 8; ++i) sum[0] += sum[i] + high[i];
  return any_lane(sum[0] + high[0]);
}

}  // namespace neurocuda::bench
