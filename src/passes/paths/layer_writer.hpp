#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "passes/paths/current.hpp"

namespace neurocuda::passes::paths {

/// Writes the new graph: layers from parts, pools on what layers read.
class LayerWriter {
 public:
  explicit LayerWriter(std::string name) { graph_.name = std::move(name); }

  /// What the output depends on: slices may have left parts that nobody reads. Everything while there is no output.
  ir::Graph take() const;

  ir::NodeId input(const std::string& name, const ir::Input& input);
  /// The layer `name` of neurons that fire by `activation` (a ReLU, QCFS or IF for the channels of this part), with the
  /// part's waiting pools behind it. The value of the last node.
  Part layer(const std::string& name, const ir::Operator& activation, const Part& part);
  /// Spikes in place of a layer that was refused.
  Part stand_in(const std::string& name, const Shape& shape);
  /// The last layer. The part is one of features, its maps matrices.
  void output(const std::string& name, const ir::Output& op, const Part& part);

  /// A pool of a value that layers read; one node however often it is asked for.
  ir::NodeId pooled(ir::NodeId base, const ir::Operator& pool, const std::string& name);
  /// Whether the value consists of spikes: neurons, or max pools of them.
  bool spikes(ir::NodeId id) const { return spikes_.contains(id); }
  bool is_input(ir::NodeId id) const { return graph_.node(id).as<ir::Input>() != nullptr; }
  const Shape& shape(ir::NodeId id);

 private:
  ir::NodeId add(const std::string& name, ir::Operator op, std::vector<ir::NodeId> inputs);
  /// The sum of the part's paths and its bias.
  ir::NodeId current(const std::string& layer, const Part& part);
  ir::NodeId connection(const std::string& layer, const Path& path, std::optional<Tensor<float>> bias);
  ir::NodeId flattened(ir::NodeId base);

  ir::Graph graph_;
  std::int64_t weights_ = 0;
  std::vector<Shape> shapes_;
  std::set<ir::NodeId> spikes_;
  std::map<ir::NodeId, ir::NodeId> flattened_;
  std::map<std::string, ir::NodeId> pools_;
};

}  // namespace neurocuda::passes::paths
