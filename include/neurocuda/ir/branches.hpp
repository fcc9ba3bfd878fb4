#pragma once

#include <string>
#include <vector>

#include "neurocuda/base/error.hpp"
#include "neurocuda/ir/graph.hpp"

namespace neurocuda::ir {

/// One branch of current into a layer, as the graph has it.
struct Branch {
  NodeId connection = 0;  ///< the Conv2d or Linear node; for an identity skip the Add (or layer) that reads the value
  bool diagonal = false;  ///< identity skip: there is no Conv2d or Linear on this branch
  NodeId value = 0;       ///< what the connection reads: a source, or pools / Flatten / Identity / Dropout behind one
  NodeId source = 0;      ///< the IF, QCFS, ReLU or Input node behind `value`
  double gain = 1.0;      ///< product of 1/area of the average pools between source and connection
};

/// Why a node cannot be part of a layer: what() is "Add 'add1': <reason>; <remedy>".
class BranchRefusal : public ConversionError {
 public:
  BranchRefusal(const Graph& graph, NodeId node, std::string reason, std::string remedy);

  NodeId node;
  std::string reason, remedy;
};

/// Nodes that fire: ReLU in an ANN, QCFS, IF.
bool is_activation(const Node& node);

/// Who reads what in a graph, found out once for all of its layers. The graph must outlive it and keep its wiring.
class Wiring {
 public:
  explicit Wiring(const Graph& graph) : graph_(&graph), consumers_(graph.consumers()) {}

  const Graph& graph() const { return *graph_; }
  const std::vector<NodeId>& readers(NodeId id) const { return consumers_[id]; }
  /// Throws UserError when shapes do not fit.
  const Shape& shape(NodeId id) const;

 private:
  const Graph* graph_;
  std::vector<std::vector<NodeId>> consumers_;
  mutable std::vector<Shape> shapes_;  // inferred when the first one is asked for
};

/// The branches that bring current to a layer (an activation or the Output node), left to right: walks back from its
/// input over Add, Identity and Dropout to connections, then over pools, Flatten, Identity and Dropout to the sources.
/// Batch norms must have been folded. Throws BranchRefusal, a ConversionError that names the node and says why, when
/// what lies between is not one linear map into the layer (a convolution of a convolution, a pool of currents, an
/// Output that is not fed by one Linear, currents that several nodes read, ...).
std::vector<Branch> branches(const Wiring& wiring, NodeId layer);

}  // namespace neurocuda::ir
