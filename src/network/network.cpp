#include "neurocuda/network/network.hpp"

#include "neurocuda/base/overloaded.hpp"
#include "neurocuda/ir/analysis.hpp"
#include "neurocuda/network/device.hpp"
#include "neurocuda/network/weight_grid.hpp"

namespace neurocuda::network {
namespace {

constexpr double kPositiveSoftness = 0.01;

torch::Tensor optional_to_torch(const std::optional<Tensor<float>>& tensor, torch::Device device) {
  return tensor ? to_torch(*tensor, device) : torch::Tensor();
}

torch::Tensor table_to_torch(const Tensor<float>& table, torch::Device device) {
  return table.empty() ? torch::Tensor() : to_torch(table, device);
}

template <class Affine>
NodeTensors affine_tensors(const Affine& op, torch::Device device) {
  NodeTensors tensors;
  tensors.weight = to_torch(op.weight, device);
  tensors.bias = optional_to_torch(op.bias, device);
  return tensors;
}

NodeTensors tensors_of(const ir::Operator& op, torch::Device device) {
  return std::visit(Overloaded{[&](const ir::Conv2d& conv) { return affine_tensors(conv, device); },
                               [&](const ir::Linear& linear) { return affine_tensors(linear, device); },
                               [&](const ir::BatchNorm2d& norm) {
                                 NodeTensors tensors;
                                 tensors.gamma = to_torch(norm.gamma, device);
                                 tensors.beta = to_torch(norm.beta, device);
                                 tensors.mean = to_torch(norm.mean, device);
                                 tensors.variance = to_torch(norm.variance, device);
                                 return tensors;
                               },
                               [&](const ir::QCFS& activation) {
                                 NodeTensors tensors;
                                 tensors.lambda_raw = from_positive(to_torch(activation.lambda, device));
                                 return tensors;
                               },
                               [&](const ir::IF& neurons) {
                                 NodeTensors tensors;
                                 tensors.theta = to_torch(neurons.theta, device);
                                 tensors.v0 = to_torch(neurons.v0, device);
                                 tensors.bias_by_timestep = table_to_torch(neurons.bias_by_timestep, device);
                                 return tensors;
                               },
                               [&](const ir::Output& output) {
                                 NodeTensors tensors;
                                 tensors.bias_by_timestep = table_to_torch(output.bias_by_timestep, device);
                                 return tensors;
                               },
                               [](const auto&) { return NodeTensors{}; }},
                    op);
}

template <class Affine>
void store_affine(const NodeTensors& tensors, Affine& op) {
  op.weight = from_torch(tensors.weight);
  if (tensors.bias.defined()) op.bias = from_torch(tensors.bias);
}

void store_table(const NodeTensors& tensors, Tensor<float>& table) {
  if (tensors.bias_by_timestep.defined()) table = from_torch(tensors.bias_by_timestep);
}

void store(const NodeTensors& tensors, ir::Operator& op) {
  std::visit(Overloaded{[&](ir::Conv2d& conv) { store_affine(tensors, conv); },
                        [&](ir::Linear& linear) { store_affine(tensors, linear); },
                        [&](ir::BatchNorm2d& norm) {
                          norm.gamma = from_torch(tensors.gamma);
                          norm.beta = from_torch(tensors.beta);
                          norm.mean = from_torch(tensors.mean);
                          norm.variance = from_torch(tensors.variance);
                        },
                        [&](ir::QCFS& activation) { activation.lambda = from_torch(to_positive(tensors.lambda_raw)); },
                        [&](ir::IF& neurons) {
                          neurons.theta = from_torch(tensors.theta);
                          neurons.v0 = from_torch(tensors.v0);
                          store_table(tensors, neurons.bias_by_timestep);
                        },
                        [&](ir::Output& output) { store_table(tensors, output.bias_by_timestep); }, [](auto&) {}},
             op);
}

void append_defined(std::vector<torch::Tensor>& list, const torch::Tensor& tensor) {
  if (tensor.defined()) list.push_back(tensor);
}

}  // namespace

torch::Tensor to_positive(const torch::Tensor& raw) {
  // (raw + sqrt(raw^2 + S)) / 2; below 0 by way of the other root, or the sum of a small lambda would cancel to 0.
  const auto larger = (raw.abs() + (raw * raw + kPositiveSoftness).sqrt()) / 2;
  return torch::where(raw > 0, larger, kPositiveSoftness / 4 / larger);
}

torch::Tensor from_positive(const torch::Tensor& lambda) { return lambda - kPositiveSoftness / 4 / lambda; }

Network::Network(const ir::Graph& graph, torch::Device device) : graph_(graph), device_(device) {
  for (const ir::Node& node : graph_.nodes()) {
    tensors_.push_back(tensors_of(node.op, device));
    spiking_ = spiking_ || node.as<ir::IF>() != nullptr;
  }
}

torch::Tensor biases_for(const torch::Tensor& table, int timesteps) {
  if (timesteps <= table.size(0)) return table.narrow(0, 0, timesteps);
  return torch::cat({table, table.mean(0, true).expand({timesteps - table.size(0), table.size(1)})});
}

std::vector<torch::Tensor> Network::weights() const {
  std::vector<torch::Tensor> list;
  for (const NodeTensors& t : tensors_) append_defined(list, t.weight);
  return list;
}

std::vector<torch::Tensor> Network::biases_and_norms() const {
  std::vector<torch::Tensor> list;
  for (const NodeTensors& t : tensors_) {
    append_defined(list, t.bias);
    append_defined(list, t.gamma);
    append_defined(list, t.beta);
    append_defined(list, t.bias_by_timestep);
  }
  return list;
}

std::vector<torch::Tensor> Network::lambdas() const {
  std::vector<torch::Tensor> list;
  for (const NodeTensors& t : tensors_) append_defined(list, t.lambda_raw);
  return list;
}

std::vector<torch::Tensor> Network::thresholds() const {
  std::vector<torch::Tensor> list;
  for (const NodeTensors& t : tensors_) append_defined(list, t.theta);
  return list;
}

std::vector<torch::Tensor> Network::initial_membranes() const {
  std::vector<torch::Tensor> list;
  for (const NodeTensors& t : tensors_) append_defined(list, t.v0);
  return list;
}

std::vector<torch::Tensor> Network::trainable() const {
  std::vector<torch::Tensor> list = weights();
  for (const auto& more : {biases_and_norms(), lambdas(), thresholds(), initial_membranes()})
    list.insert(list.end(), more.begin(), more.end());
  return list;
}

// NOLINTNEXTLINE(readability-make-member-function-const): a tensor is a handle, what it stands for changes
void Network::set_requires_grad(bool on) {
  for (torch::Tensor& tensor : trainable()) tensor.set_requires_grad(on);
}

std::map<std::string, torch::Tensor> Network::named_tensors() const {
  std::map<std::string, torch::Tensor> named;
  for (ir::NodeId id = 0; id < graph_.size(); ++id) {
    const NodeTensors& t = tensors_[id];
    const auto put = [&](const char* what, const torch::Tensor& tensor) {
      if (tensor.defined()) named[graph_.node(id).name + "." + what] = tensor;
    };
    put("weight", t.weight);
    put("bias", t.bias);
    put("gamma", t.gamma);
    put("beta", t.beta);
    put("mean", t.mean);
    put("variance", t.variance);
    put("lambda_raw", t.lambda_raw);
    put("theta", t.theta);
    put("v0", t.v0);
    put("bias_by_timestep", t.bias_by_timestep);
  }
  return named;
}

const WeightGrid& Network::weight_grid() const {
  if (!grid_) grid_ = std::make_shared<const WeightGrid>(graph_);
  return *grid_;
}

ir::Graph Network::to_graph() const {
  ir::Graph graph = graph_;
  for (ir::NodeId id = 0; id < graph.size(); ++id) store(tensors_[id], graph.op(id));
  return graph;
}

}  // namespace neurocuda::network
