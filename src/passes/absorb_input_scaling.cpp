#include <algorithm>

#include "neurocuda/ir/analysis.hpp"
#include "neurocuda/passes/passes.hpp"
#include "passes/batch_norm_factor.hpp"

namespace neurocuda::passes {
namespace {

/// One channel of a value that is made of the input's channels one by one: factor x input[source] + shift.
struct Channel {
  std::int64_t source;
  double factor, shift;
};
using Channels = std::vector<Channel>;

/// The channels of a node's value, from those of what it reads; nothing where an operator mixes them.
std::optional<Channels> channels_behind(const ir::Node& node, const std::vector<std::optional<Channels>>& values) {
  for (const ir::NodeId input : node.inputs) {
    if (!values[input]) return std::nullopt;
  }
  if (node.as<ir::Identity>() || node.as<ir::Dropout>()) return values[node.inputs[0]];
  if (const auto* slice = node.as<ir::Slice>()) {
    const auto from = values[node.inputs[0]]->begin() + slice->begin;
    return Channels(from, from + slice->count);
  }
  if (node.as<ir::Concat>()) {
    Channels all;
    for (const ir::NodeId input : node.inputs) all.insert(all.end(), values[input]->begin(), values[input]->end());
    return all;
  }
  const auto* norm = node.as<ir::BatchNorm2d>();
  if (norm == nullptr) return std::nullopt;
  Channels scaled = *values[node.inputs[0]];
  for (std::size_t i = 0; i < scaled.size(); ++i) {
    const auto c = static_cast<std::int64_t>(i);
    const double factor = factor_of(*norm, c);
    scaled[i].factor *= factor;
    scaled[i].shift = scaled[i].shift * factor + norm->beta[c] - norm->mean[c] * factor;
  }
  return scaled;
}

/// All channels in their order, none turned round.
bool is_normalization(const std::optional<Channels>& value, std::int64_t channels) {
  if (!value || static_cast<std::int64_t>(value->size()) != channels) return false;
  for (std::int64_t c = 0; c < channels; ++c) {
    const Channel& channel = (*value)[static_cast<std::size_t>(c)];
    if (channel.source != c || !(channel.factor > 0)) return false;
  }
  return true;
}

/// The last node whose value is the input, scaled, and through which alone the network sees it. `values` gets those of
/// the nodes that hold the input's channels.
std::optional<ir::NodeId> find_scaled_input(const ir::Graph& graph, std::vector<std::optional<Channels>>& values) {
  constexpr std::size_t kMostChannels = std::size_t{1} << 22;  // of all values; what a normalisation has is far below
  const std::int64_t channels = graph.input_operator().shape[0];
  if (channels > static_cast<std::int64_t>(kMostChannels)) return std::nullopt;
  const auto readers = graph.consumers();
  std::size_t held = 0, open = 0;  // open: reads of such values by nodes that come later
  std::optional<ir::NodeId> found;
  for (ir::NodeId id = 0; id < graph.size(); ++id) {
    const ir::Node& node = graph.node(id);
    const auto reads = static_cast<std::size_t>(std::count_if(
        node.inputs.begin(), node.inputs.end(), [&](ir::NodeId input) { return values[input].has_value(); }));
    if (node.as<ir::Input>()) {
      Channels own;
      for (std::int64_t c = 0; c < channels; ++c) own.push_back({c, 1, 0});
      values[id] = std::move(own);
    } else {
      values[id] = channels_behind(node, values);
    }
    if (!values[id]) {
      if (reads > 0) return found;  // from here on the network sees it
      continue;
    }
    open -= reads;
    const bool scales = !node.inputs.empty() && !node.as<ir::Identity>() && !node.as<ir::Dropout>();
    if (open == 0 && scales && is_normalization(values[id], channels)) found = id;
    open += readers[id].size();
    held += values[id]->size();
    if (held > kMostChannels) return found;
  }
  return found;
}

/// (pixel - mean) / stddev, then times factor plus shift.
ir::Normalization followed_by(const ir::Normalization& given, const Channels& scaling) {
  ir::Normalization result;
  for (std::size_t c = 0; c < scaling.size(); ++c) {
    const double mean = given.empty() ? 0.0 : given.mean[c], stddev = given.empty() ? 1.0 : given.stddev[c];
    result.mean.push_back(static_cast<float>(mean - scaling[c].shift * stddev / scaling[c].factor));
    result.stddev.push_back(static_cast<float>(stddev / scaling[c].factor));
  }
  return result;
}

}  // namespace

ir::Graph absorb_input_scaling(const ir::Graph& graph) {
  const auto is_input = [](const ir::Node& node) { return node.as<ir::Input>() != nullptr; };
  const auto& nodes = graph.nodes();
  if (std::count_if(nodes.begin(), nodes.end(), is_input) != 1) return graph;  // a part of a network, to be judged
  if (graph.input_operator().spike_train) return graph;                        // spikes are 0 and 1
  ir::infer_shapes(graph);                                                     // sizes fit from here on
  std::vector<std::optional<Channels>> values(graph.size());
  const auto found = find_scaled_input(graph, values);
  if (!found) return graph;
  ir::Graph result;
  result.name = graph.name;
  for (ir::NodeId id = 0; id < graph.size(); ++id) {
    ir::Node node = graph.node(id);
    if (const auto* input = node.as<ir::Input>())
      node.op = ir::Input{input->shape, followed_by(input->normalization, *values[*found])};
    if (id == *found) {  // what stood between stays, read by nobody
      node.op = ir::Identity{};
      node.inputs = {graph.input()};
    }
    result.add(std::move(node.name), std::move(node.op), std::move(node.inputs));
  }
  return result;
}

}  // namespace neurocuda::passes
