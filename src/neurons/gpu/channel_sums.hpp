#pragma once

#include <cstdint>

#include "neurocuda/base/host_device.hpp"

/// Sums over everything but the channel, in an order that only the shape decides: every thread sums the elements of one
/// channel that it meets, which makes rows of partial sums, and rows are summed twice more. No atomics, so the same
/// bits on every run and every device.
namespace neurocuda::neurons::gpu {

/// Threads that fill a large device.
inline constexpr std::int64_t kThreadsWithSums = std::int64_t{1} << 18;

/// Rows of partial sums: as many as there are threads per channel.
inline std::int64_t partial_rows(std::int64_t elements, std::int64_t channels) {
  const std::int64_t all = elements / channels, wanted = kThreadsWithSums / channels;
  const std::int64_t rows = wanted < all ? wanted : all;
  return rows > 1 ? rows : 1;
}

/// About the square root, so that neither of the two sums is long.
inline std::int64_t groups_of_rows(std::int64_t rows) {
  std::int64_t groups = 1;
  while (groups * groups < rows) ++groups;
  return groups;
}

/// (rows, columns) -> (groups, columns): group q adds the rows q, q + groups, ... in this order.
struct SumRows {
  std::int64_t rows, columns, groups;
  const float* from;
  float* to;

  NEUROCUDA_HD std::int64_t count() const { return groups * columns; }
  NEUROCUDA_HD void operator()(std::int64_t index) const {
    float sum = 0.0F;
    for (std::int64_t at = index; at < rows * columns; at += count()) sum += from[at];
    to[index] = sum;
  }
};

}  // namespace neurocuda::neurons::gpu
