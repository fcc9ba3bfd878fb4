#include "neurocuda/correction/moved_biases.hpp"

#include <map>

#include "neurocuda/ir/branches.hpp"
#include "neurocuda/passes/passes.hpp"

namespace neurocuda::correction {
namespace {

using Moves = std::map<std::string, std::vector<float>>;  // of each connection, by its name

std::vector<const program::IfLayer*> if_layers(const program::Program& program) {
  std::vector<const program::IfLayer*> layers;
  for (const program::Node& node : program.nodes) {
    if (const auto* layer = node.as<program::IfLayer>()) layers.push_back(layer);
  }
  return layers;
}

std::vector<float> difference(const program::IfLayer& before, const program::IfLayer& after) {
  std::vector<float> moved(before.bias.size());
  for (std::size_t c = 0; c < moved.size(); ++c)
    moved[c] = static_cast<float>((static_cast<double>(after.bias[c]) - before.bias[c]) * before.scale[c]);
  return moved;
}

template <class Connection>
ir::Operator with_more_bias(Connection connection, const std::vector<float>& moved) {
  if (!connection.bias) connection.bias = Tensor<float>({static_cast<std::int64_t>(moved.size())});
  auto values = connection.bias->values();
  for (std::size_t c = 0; c < moved.size(); ++c) values[c] += moved[c];
  return connection;
}

}  // namespace

ir::Graph with_moved_biases(const ir::Graph& spiking, const program::Program& before, const program::Program& after) {
  // IF layers of the Program stand in the order of the graph's IF nodes.
  const auto old_layers = if_layers(before), new_layers = if_layers(after);
  const ir::Wiring wiring(spiking);
  Moves moves;
  std::size_t next = 0;
  for (ir::NodeId id = 0; id < spiking.size(); ++id) {
    if (!spiking.node(id).as<ir::IF>()) continue;
    const auto& was = *old_layers.at(next);
    const auto& is = *new_layers.at(next++);
    if (was.bias == is.bias) continue;
    for (const ir::Branch& branch : ir::branches(wiring, id)) {
      if (branch.diagonal) continue;
      moves[spiking.node(branch.connection).name] = difference(was, is);
      break;
    }
  }
  return passes::map_operators(spiking, [&](const ir::Node& node) -> ir::Operator {
    const auto found = moves.find(node.name);
    if (found == moves.end()) return node.op;
    if (const auto* conv = node.as<ir::Conv2d>()) return with_more_bias(*conv, found->second);
    if (const auto* linear = node.as<ir::Linear>()) return with_more_bias(*linear, found->second);
    return node.op;
  });
}

}  // namespace neurocuda::correction
