#include <algorithm>

#include "neurocuda/program/bounds.hpp"
#include "neurocuda/program/rounding.hpp"

namespace neurocuda::program {
namespace {

/// Beyond any int32 and far from int64's end: products of two stay exact before they are clipped to it.
constexpr std::int64_t kSaturated = std::int64_t{1} << 33;

ValueRange input_range(const InputNode& input) {
  if (input.encoding == InputEncoding::spike_train) return {0, 1};
  const std::int64_t limit = largest_code(input.bits);
  return {-limit, limit};
}

/// A window covers at most its kernel and at most the whole plane; padding adds zeros.
ValueRange pooled_range(const ValueRange& source, const Window& window, const Shape& source_shape) {
  const std::int64_t area =
      std::min(window.kernel.height, source_shape[1]) * std::min(window.kernel.width, source_shape[2]);
  return {std::max(source.low * area, -kSaturated), std::min(source.high * area, kSaturated)};
}

}  // namespace

std::vector<ValueRange> value_ranges(const Program& program) {
  std::vector<ValueRange> ranges;
  ranges.reserve(program.nodes.size());
  for (const Node& node : program.nodes) {
    ValueRange range{0, 1};
    if (const auto* input = node.as<InputNode>()) range = input_range(*input);
    if (const auto* pool = node.as<SumPool>()) {
      const auto source = static_cast<std::size_t>(pool->source);
      range = pooled_range(ranges[source], pool->window, program.nodes[source].shape);
    }
    if (const auto* layer = node.as<IfLayer>(); layer && layer->neuron == NeuronKind::signed_) range = {-1, 1};
    // A maximum of counts moves by no more than the counts do.
    if (const auto* pool = node.as<OrPool>(); pool && pool->rule == MaxPoolRule::maximum_of_counts) {
      range = ranges[static_cast<std::size_t>(pool->source)];
    }
    if (node.as<Accumulator>()) range = {0, 0};
    ranges.push_back(range);
  }
  return ranges;
}

}  // namespace neurocuda::program
