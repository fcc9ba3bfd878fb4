#include "runtime/gpu/memory_plan.hpp"

#include <algorithm>
#include <numeric>

namespace neurocuda::runtime::gpu {
namespace {

std::int64_t aligned(std::int64_t bytes) {
  return (bytes + kMemoryAlignment - 1) / kMemoryAlignment * kMemoryAlignment;
}

bool meet(const Lifetime& a, const Lifetime& b) { return a.first <= b.last && b.first <= a.last; }

struct Range {
  std::int64_t begin, end;
};

/// The lowest gap of `bytes` between ranges.
std::int64_t lowest_gap(std::vector<Range> taken, std::int64_t bytes) {
  std::sort(taken.begin(), taken.end(), [](const Range& a, const Range& b) { return a.begin < b.begin; });
  std::int64_t offset = 0;
  for (const Range& range : taken) {
    if (offset + bytes <= range.begin) break;
    offset = std::max(offset, range.end);
  }
  return offset;
}

}  // namespace

MemoryPlan plan_memory(const std::vector<Lifetime>& pieces) {
  std::vector<std::size_t> order(pieces.size()), placed;
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return pieces[a].bytes > pieces[b].bytes; });
  MemoryPlan plan;
  plan.offsets.resize(pieces.size());
  for (const std::size_t piece : order) {
    std::vector<Range> taken;
    for (const std::size_t other : placed) {
      if (meet(pieces[piece], pieces[other])) {
        taken.push_back({plan.offsets[other], plan.offsets[other] + aligned(pieces[other].bytes)});
      }
    }
    plan.offsets[piece] = lowest_gap(std::move(taken), aligned(pieces[piece].bytes));
    plan.total = std::max(plan.total, plan.offsets[piece] + aligned(pieces[piece].bytes));
    placed.push_back(piece);
  }
  return plan;
}

}  // namespace neurocuda::runtime::gpu
