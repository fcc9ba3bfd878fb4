#include <algorithm>
#include <cmath>
#include <numeric>

#include "neurocuda/base/error.hpp"
#include "neurocuda/ir/branches.hpp"
#include "neurocuda/passes/passes.hpp"
#include "passes/layer_form.hpp"

namespace neurocuda::passes {
namespace {

/// The layers of a graph, and which of them must have one unit: those that an identity skip connects.
class Layers {
 public:
  explicit Layers(const ir::Graph& graph) : bare_(without_batch_norms(graph)), wiring_(bare_), root_(graph.size()) {
    std::iota(root_.begin(), root_.end(), ir::NodeId{0});
    for (ir::NodeId id = 0; id < graph.size(); ++id) {
      if (!is_activation(graph.node(id)) && !graph.node(id).as<ir::Output>()) continue;
      branches_.emplace_back(id, ir::branches(wiring_, id));
      for (const ir::Branch& branch : branches_.back().second) {
        if (branch.diagonal) root_[find(branch.source)] = find(id);
      }
    }
  }

  const std::vector<std::pair<ir::NodeId, std::vector<ir::Branch>>>& branches() const { return branches_; }

  /// One layer that stands for all that have its unit.
  ir::NodeId find(ir::NodeId id) const {
    while (root_[id] != id) id = root_[id];
    return id;
  }

  /// The last batch norm of those directly behind a connection.
  std::optional<ir::NodeId> norm_behind(const ir::Graph& graph, ir::NodeId connection) const {
    std::optional<ir::NodeId> norm;
    for (ir::NodeId id = connection; wiring_.readers(id).size() == 1;) {
      id = wiring_.readers(id)[0];
      if (graph.node(id).as<ir::BatchNorm2d>()) {
        norm = id;
      } else if (!graph.node(id).as<ir::Identity>() && !graph.node(id).as<ir::Dropout>()) {
        break;
      }
    }
    return norm;
  }

 private:
  ir::Graph bare_;
  ir::Wiring wiring_;
  std::vector<ir::NodeId> root_;
  std::vector<std::pair<ir::NodeId, std::vector<ir::Branch>>> branches_;
};

void shift(Tensor<float>& values, int exponent) {
  for (float& value : values.values()) value = std::ldexp(value, exponent);
}

/// Weights of a convolution or linear layer that reads values 2^from times as large and makes some 2^to times as large.
void shift_connection(ir::Operator& op, int weight, int bias) {
  const auto apply = [&](auto& layer) {
    shift(layer.weight, weight);
    if (layer.bias) shift(*layer.bias, bias);
  };
  if (auto* conv = std::get_if<ir::Conv2d>(&op)) apply(*conv);
  if (auto* linear = std::get_if<ir::Linear>(&op)) apply(*linear);
}

void shift_activation(ir::Operator& op, int exponent) {
  if (auto* relu = std::get_if<ir::ReLU>(&op)) relu->cap = std::ldexp(relu->cap, exponent);
  if (auto* qcfs = std::get_if<ir::QCFS>(&op)) shift(qcfs->lambda, exponent);
  if (auto* neurons = std::get_if<ir::IF>(&op)) {
    shift(neurons->theta, exponent);
    shift(neurons->v0, exponent);
    shift(neurons->bias_by_timestep, exponent);
  }
}

}  // namespace

namespace {

/// What float32 cannot square is refused where thresholds are measured, by the name of its layer.
bool can_be_squared(double largest) { return largest <= 1e18; }

}  // namespace

ir::Graph scale_activations(const ir::Graph& graph, const std::map<std::string, double>& largest) {
  constexpr int kOrdinary = 6;  // what trained networks have: left as they are
  if (std::any_of(largest.begin(), largest.end(), [](const auto& layer) { return !can_be_squared(layer.second); }))
    return graph;
  const Layers layers(graph);
  std::map<ir::NodeId, double> size;  // of the values with one unit
  for (ir::NodeId id = 0; id < graph.size(); ++id) {
    const auto found = largest.find(graph.node(id).name);
    if (found != largest.end()) size[layers.find(id)] = std::max(size[layers.find(id)], found->second);
  }
  const auto exponent = [&](ir::NodeId id) {
    const ir::NodeId root = layers.find(id);
    const auto found = size.find(root);
    if (found == size.end() || graph.node(root).as<ir::Output>()) return 0;
    if (!(found->second > 0 && std::isfinite(found->second))) return 0;
    const int power = std::ilogb(found->second);
    return std::abs(power) > kOrdinary ? -power : 0;
  };
  ir::Graph scaled = graph;
  for (const auto& [layer, branches] : layers.branches()) {
    const int to = exponent(layer);
    shift_activation(scaled.op(layer), to);
    for (const ir::Branch& branch : branches) {
      if (branch.diagonal) continue;
      const int from = exponent(branch.source);
      if (const auto norm = layers.norm_behind(graph, branch.connection)) {
        shift_connection(scaled.op(branch.connection), -from, 0);
        auto& op = std::get<ir::BatchNorm2d>(scaled.op(*norm));
        shift(op.gamma, to);
        shift(op.beta, to);
      } else {
        shift_connection(scaled.op(branch.connection), to - from, to);
      }
    }
  }
  return scaled;
}

}  // namespace neurocuda::passes
