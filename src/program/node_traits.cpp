#include "neurocuda/program/node_traits.hpp"

#include <algorithm>

#include "neurocuda/base/error.hpp"
#include "neurocuda/program/rounding.hpp"

namespace neurocuda::program {
namespace {

using Groups = std::vector<SynapseGroup>;

/// Beyond any int32 and far from int64's end: products of two stay exact before they are clipped to it.
constexpr std::int64_t kSaturated = std::int64_t{1} << 33;
constexpr ValueRange kBits{0, 1};

/// Null for kinds that have none.
const Groups* find_groups(const Node& node) {
  return visit_kind(
      node.kind, [](const InputNode&) -> const Groups* { return nullptr; },
      [](const IfLayer& layer) -> const Groups* { return &layer.groups; },
      [](const SumPool&) -> const Groups* { return nullptr; }, [](const OrPool&) -> const Groups* { return nullptr; },
      [](const Accumulator& output) -> const Groups* { return &output.groups; });
}

std::vector<NodeIndex> sources(const Groups& groups) {
  std::vector<NodeIndex> read;
  for (const SynapseGroup& group : groups) read.push_back(group.source);
  return read;
}

ValueRange input_range(const InputNode& input) {
  if (input.encoding == InputEncoding::spike_train) return kBits;
  const std::int64_t limit = largest_code(input.bits);
  return {-limit, limit};
}

/// A window covers at most its kernel and at most the whole plane; padding adds zeros.
ValueRange summed_range(const ValueRange& source, const Window& window, const Shape& source_shape) {
  const std::int64_t area =
      std::min(window.kernel.height, source_shape[1]) * std::min(window.kernel.width, source_shape[2]);
  return {std::max(source.low * area, -kSaturated), std::min(source.high * area, kSaturated)};
}

}  // namespace

std::string_view kind_name(const NodeKind& kind) {
  using Name = std::string_view;
  return visit_kind(
      kind, [](const InputNode&) -> Name { return "input"; }, [](const IfLayer&) -> Name { return "if_layer"; },
      [](const SumPool&) -> Name { return "sum_pool"; }, [](const OrPool&) -> Name { return "or_pool"; },
      [](const Accumulator&) -> Name { return "accumulator"; });
}

const Groups& groups_of(const Node& node) {
  static const Groups kNone;
  const Groups* groups = find_groups(node);
  return groups != nullptr ? *groups : kNone;
}

Groups* mutable_groups(Node& node) { return const_cast<Groups*>(find_groups(node)); }

std::vector<NodeIndex> sources_of(const Node& node) {
  using Sources = std::vector<NodeIndex>;
  return visit_kind(
      node.kind, [](const InputNode&) { return Sources{}; }, [](const IfLayer& layer) { return sources(layer.groups); },
      [](const SumPool& pool) { return Sources{pool.source}; }, [](const OrPool& pool) { return Sources{pool.source}; },
      [](const Accumulator& output) { return sources(output.groups); });
}

State state_of(const Node& node) {
  return visit_kind(
      node.kind, [](const InputNode&) { return State::none; }, [](const IfLayer&) { return State::membranes; },
      [](const SumPool&) { return State::none; }, [](const OrPool&) { return State::none; },
      [](const Accumulator&) { return State::accumulators; });
}

bool sends_signs(const Node& node) {
  const auto* layer = node.as<IfLayer>();
  return layer != nullptr && layer->neuron == NeuronKind::signed_;
}

NeuronKind neurons_of(const Program& program) {
  return std::any_of(program.nodes.begin(), program.nodes.end(), sends_signs) ? NeuronKind::signed_ : NeuronKind::plain;
}

std::vector<Signal> signals(const Program& program) {
  std::vector<Signal> sent;
  sent.reserve(program.nodes.size());
  for (const Node& node : program.nodes) {
    sent.push_back(visit_kind(
        node.kind,
        [](const InputNode& input) {
          return input.encoding == InputEncoding::constant_current ? Signal::constant : Signal::spikes;
        },
        [](const IfLayer&) { return Signal::spikes; },
        [&](const SumPool& pool) {
          const bool constant = sent[static_cast<std::size_t>(pool.source)] == Signal::constant;
          return constant ? Signal::constant : Signal::counts;
        },
        [](const OrPool&) { return Signal::spikes; }, [](const Accumulator&) { return Signal::nothing; }));
  }
  return sent;
}

std::vector<bool> signed_spikes(const Program& program) {
  const std::vector<Signal> sent = signals(program);
  const std::vector<ValueRange> ranges = value_ranges(program);
  std::vector<bool> with_signs;
  for (std::size_t i = 0; i < sent.size(); ++i) with_signs.push_back(sent[i] == Signal::spikes && ranges[i].low < 0);
  return with_signs;
}

std::vector<ValueRange> value_ranges(const Program& program) {
  std::vector<ValueRange> ranges;
  ranges.reserve(program.nodes.size());
  for (const Node& node : program.nodes) {
    ranges.push_back(visit_kind(
        node.kind, [](const InputNode& input) { return input_range(input); },
        [](const IfLayer& layer) {
          return layer.neuron == NeuronKind::signed_ ? ValueRange{-1, 1} : kBits;
        },
        [&](const SumPool& pool) {
          const auto source = static_cast<std::size_t>(pool.source);
          return summed_range(ranges[source], pool.window, program.nodes[source].shape);
        },
        [&](const OrPool& pool) {
          // A maximum of counts moves by no more than the counts do.
          const bool counts = pool.rule == MaxPoolRule::maximum_of_counts;
          return counts ? ranges[static_cast<std::size_t>(pool.source)] : kBits;
        },
        [](const Accumulator&) { return ValueRange{}; }));
  }
  return ranges;
}

}  // namespace neurocuda::program
