#include "program/drive.hpp"

#include <algorithm>
#include <span>

namespace neurocuda::program {
namespace {

constexpr std::int64_t kSaturated = std::int64_t{1} << 46;

/// a b for a, b >= 0, at most kSaturated.
std::int64_t saturating_product(std::int64_t a, std::int64_t b) {
  return b != 0 && a > kSaturated / b ? kSaturated : a * b;
}

const Tensor<std::int8_t>& weight_of(const Connection& connection) {
  return std::visit([](const auto& any) -> const Tensor<std::int8_t>& { return any.weight; }, connection);
}

/// Positive weights meet the largest values and negative ones the smallest: no value can do more in either direction.
Drive row_drive(std::span<const std::int8_t> row, const ValueRange& range) {
  std::int64_t up = 0;
  std::int64_t down = 0;
  for (const std::int8_t weight : row) {
    up += std::max<int>(weight, 0);
    down -= std::min<int>(weight, 0);
  }
  return {saturating_product(up, range.high) + saturating_product(down, -range.low),
          saturating_product(down, range.high) + saturating_product(up, -range.low)};
}

std::int64_t add_shifted(std::int64_t total, std::int64_t current, int shift) {
  return std::min(total + (current << shift), kSaturated);
}

}  // namespace

std::vector<Drive> channel_drives(const Node& node, const std::vector<ValueRange>& ranges) {
  const auto count = static_cast<std::size_t>(channels(node.shape));
  std::vector<Drive> drives(count);
  for (const SynapseGroup& group : groups_of(node)) {
    const std::span<const std::int8_t> weights = weight_of(group.connection).values();
    const std::size_t row = weights.size() / count;
    for (std::size_t c = 0; c < count; ++c) {
      const Drive drive = row_drive(weights.subspan(c * row, row), ranges[static_cast<std::size_t>(group.source)]);
      drives[c].positive = add_shifted(drives[c].positive, drive.positive, group.shift[c]);
      drives[c].negative = add_shifted(drives[c].negative, drive.negative, group.shift[c]);
    }
  }
  return drives;
}

}  // namespace neurocuda::program
