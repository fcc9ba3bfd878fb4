#pragma once

#include <cstdint>
#include <vector>

namespace neurocuda::runtime::gpu {

/// A piece of memory that is needed from one step of a run to another, both included.
struct Lifetime {
  std::int64_t bytes = 0;
  int first = 0, last = 0;
};

/// Where the pieces stand: pieces whose lifetimes meet do not overlap, others may.
struct MemoryPlan {
  std::vector<std::int64_t> offsets;  ///< one per piece, multiples of kMemoryAlignment
  std::int64_t total = 0;
};

inline constexpr std::int64_t kMemoryAlignment = 256;

/// First fit, the largest pieces first.
MemoryPlan plan_memory(const std::vector<Lifetime>& pieces);

}  // namespace neurocuda::runtime::gpu
