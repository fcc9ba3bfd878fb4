#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "neurocuda/ir/graph.hpp"
#include "neurocuda/network/evaluate.hpp"
#include "neurocuda/neurons/libtorch.hpp"

namespace neurocuda::network {

class WeightGrid;

/// The trainable and fixed values of one node, as its operator has them; the others stay undefined.
struct NodeTensors {
  torch::Tensor weight, bias;                 // Conv2d, Linear
  torch::Tensor gamma, beta, mean, variance;  // BatchNorm2d
  torch::Tensor lambda_raw;                   // QCFS: lambda = to_positive(lambda_raw)
  torch::Tensor theta, v0;                    // IF
  torch::Tensor bias_by_timestep;             // IF, Output: (T', C)
};

/// Quantisation-aware execution: weights on the integer grid that the compiler will choose, input on its grid.
struct GridOptions {
  int weight_bits = 8;
  int input_bits = 8;
  std::vector<float> input_absmax{};  ///< see compiler::LowerOptions
};

struct ForwardOptions {
  bool training = false;  ///< batch norms use (and update) batch statistics, dropout drops
  bool bf16 = false;
  std::optional<GridOptions> grid;  ///< QCFS and IF graphs
  int timesteps = 1;                ///< IF graphs
  program::Mode mode = program::Mode::synchronous;
  /// Called with every activation's output: (N, ...), or (T N, ...) with time outermost in an IF graph.
  std::function<void(ir::NodeId, const torch::Tensor&)> observe;
  /// Called with every activation's output, in an IF graph its mean over time, which is cheap to differentiate: (N,
  /// ...).
  std::function<void(ir::NodeId, const torch::Tensor&)> observe_means;
  /// As `observe`, for the output of every convolution and linear layer.
  std::function<void(ir::NodeId, const torch::Tensor&)> observe_currents;
  /// Called with what every batch norm reads.
  std::function<void(ir::NodeId, const torch::Tensor&)> observe_norms;
};

/// lambda = (raw + sqrt(raw^2 + 0.01)) / 2: positive for every raw value, about raw where raw is large.
torch::Tensor to_positive(const torch::Tensor& raw);
torch::Tensor from_positive(const torch::Tensor& lambda);

/// The biases of `timesteps` timesteps, (timesteps, C), from the table (T', C): its rows, then their mean.
torch::Tensor biases_for(const torch::Tensor& table, int timesteps);

/// A graph as libtorch executes it: ANN, QCFS or IF. Parameters are leaves that autograd can train.
class Network {
 public:
  Network(const ir::Graph& graph, torch::Device device);

  /// images (N, C, H, W) on the device -> logits (N, classes); in an IF graph (T, N, classes), step by step, not
  /// averaged. With gradients enabled an IF graph can be differentiated through time (synchronous mode).
  torch::Tensor forward(const torch::Tensor& images, const ForwardOptions& options);

  const ir::Graph& graph() const { return graph_; }
  NodeTensors& tensors(ir::NodeId id) { return tensors_[id]; }
  const NodeTensors& tensors(ir::NodeId id) const { return tensors_[id]; }
  torch::Device device() const { return device_; }
  bool spiking() const { return spiking_; }

  /// Convolution and linear weights; those with decay. Everything else that is trained has none.
  std::vector<torch::Tensor> weights() const;
  std::vector<torch::Tensor> biases_and_norms() const;
  std::vector<torch::Tensor> lambdas() const;
  std::vector<torch::Tensor> thresholds() const;         ///< of IF neurons
  std::vector<torch::Tensor> initial_membranes() const;  ///< v0 of IF neurons
  std::vector<torch::Tensor> trainable() const;
  void set_requires_grad(bool on);

  /// Everything by name ("conv1.weight", ...), for checkpoints.
  std::map<std::string, torch::Tensor> named_tensors() const;

  /// The graph with the present values.
  ir::Graph to_graph() const;

  /// How the weights of this QCFS or IF graph lie on the integer grid; worked out when it is first asked for.
  const WeightGrid& weight_grid() const;

 private:
  ir::Graph graph_;
  torch::Device device_;
  bool spiking_ = false;
  std::vector<NodeTensors> tensors_;
  mutable std::shared_ptr<const WeightGrid> grid_;
};

}  // namespace neurocuda::network
