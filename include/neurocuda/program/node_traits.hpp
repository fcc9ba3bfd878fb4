#pragma once

#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "neurocuda/base/overloaded.hpp"
#include "neurocuda/program/program.hpp"

/// What the whole system has to know of every kind of node, beside groups_of() and sources_of(). A new kind is taken
/// up by answering for it here (src/program/node_traits.cpp) and at the few places that CONTRIBUTING.md lists ("Add a
/// Program node"); what does not answer for it does not compile.
namespace neurocuda::program {

/// Calls the handler for this kind of node. There is one for every kind and no generic one, which would take a kind
/// that nobody has thought about: a kind without a handler does not compile.
template <class... Handlers>
decltype(auto) visit_kind(const NodeKind& kind, Handlers&&... handlers) {
  static_assert(sizeof...(Handlers) >= std::variant_size_v<NodeKind>, "one handler for every kind of Program node");
  return std::visit(Overloaded{std::forward<Handlers>(handlers)...}, kind);
}
template <class... Handlers>
decltype(auto) visit_kind(NodeKind& kind, Handlers&&... handlers) {
  static_assert(sizeof...(Handlers) >= std::variant_size_v<NodeKind>, "one handler for every kind of Program node");
  return std::visit(Overloaded{std::forward<Handlers>(handlers)...}, kind);
}

/// Calls `each` with an empty node of every kind, in the order of NodeKind: for tables, readers and tests that must
/// know them all. An overload set that lacks a kind does not compile.
template <class Each>
void for_each_kind(Each&& each) {
  [&]<std::size_t... index>(std::index_sequence<index...>) {
    (each(std::variant_alternative_t<index, NodeKind>{}), ...);
  }
  (std::make_index_sequence<std::variant_size_v<NodeKind>>{});
}

/// The kind's name in .nir files, in JSON and in Python: "input", "if_layer", "sum_pool", "or_pool", "accumulator".
std::string_view kind_name(const NodeKind& kind);

/// The groups of a node, to be changed; null for kinds that have none.
std::vector<SynapseGroup>* mutable_groups(Node& node);

/// What a node keeps from one timestep to the next.
enum class State {
  none,
  membranes,     ///< one per neuron, and the neuron fires: its spikes are counted and recorded
  accumulators,  ///< one per value, read as the result
};
State state_of(const Node& node);
inline bool has_neurons(const Node& node) { return state_of(node) == State::membranes; }
/// Whether a node has signed neurons.
bool sends_signs(const Node& node);
/// signed_ when any layer has such neurons.
NeuronKind neurons_of(const Program& program);

/// What a node hands to its readers.
enum class Signal {
  constant,  ///< the same integers at every timestep: currents, whose cost is no synaptic operation
  spikes,    ///< one bit per value and timestep; of signed neurons one of -1, 0, 1
  counts,    ///< an integer per value and timestep, made of spikes
  nothing,   ///< nobody may read it
};
/// By node. The sources must stand before their readers.
std::vector<Signal> signals(const Program& program);
/// By node: whether what it sends are spikes of which some can be -1: those of signed neurons, and max pools over them.
std::vector<bool> signed_spikes(const Program& program);

/// Smallest and largest value that a node can hand to its readers at one timestep; zero padding included.
struct ValueRange {
  std::int64_t low = 0;
  std::int64_t high = 0;
  bool operator==(const ValueRange&) const = default;
};
/// By node: spikes in [0, 1], signed ones in [-1, 1]; the constant input in [-qmax, qmax]; a sum pool its source's
/// range times the area of its window (saturated beyond int32); the accumulator, which nobody reads, [0, 0].
std::vector<ValueRange> value_ranges(const Program& program);

}  // namespace neurocuda::program
