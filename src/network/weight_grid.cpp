#include "neurocuda/network/weight_grid.hpp"

#include "neurocuda/base/error.hpp"
#include "neurocuda/compiler/compiler.hpp"
#include "neurocuda/compiler/quantize.hpp"
#include "neurocuda/ir/analysis.hpp"
#include "neurocuda/ir/branches.hpp"
#include "neurocuda/neurons/channel_kernel.hpp"
#include "neurocuda/passes/passes.hpp"

namespace neurocuda::network {
namespace {

double qmax(int bits) { return static_cast<double>((1 << (bits - 1)) - 1); }

// (O, I, ...) weight -> per output channel largest magnitude, (O,).
torch::Tensor row_absmax(const torch::Tensor& weight) { return weight.abs().flatten(1).amax(1); }

/// The graph as the compiler will see it, and the way back to the nodes of the graph that is trained.
struct FoldedView {
  const ir::Graph& graph;
  ir::Graph folded;
  std::vector<std::vector<ir::NodeId>> consumers;

  explicit FoldedView(const ir::Graph& g) : graph(g), folded(passes::fold_batch_norm(g)), consumers(g.consumers()) {}

  ir::NodeId original(ir::NodeId id) const { return graph.find(folded.node(id).name); }

  /// Folding succeeded, so that each of them stands alone behind the one before.
  std::vector<ir::NodeId> norms_behind(ir::NodeId connection) const {
    std::vector<ir::NodeId> norms;
    for (ir::NodeId id = connection; consumers[id].size() == 1;) {
      id = consumers[id].front();
      const ir::Node& node = graph.node(id);
      if (node.as<ir::BatchNorm2d>()) {
        norms.push_back(id);
      } else if (!node.as<ir::Identity>() && !node.as<ir::Dropout>()) {
        break;
      }
    }
    return norms;
  }
};

/// gamma / sqrt(var + eps) of the batch norms behind a connection, (O,); undefined without any.
torch::Tensor fold_factor(Network& network, const std::vector<ir::NodeId>& norms) {
  torch::Tensor factor;
  for (const ir::NodeId id : norms) {
    const NodeTensors& t = network.tensors(id);
    const auto one = t.gamma / (t.variance + network.graph().node(id).as<ir::BatchNorm2d>()->epsilon).sqrt();
    factor = factor.defined() ? factor * one : one;
  }
  return factor;
}

/// The threshold of an activation's spikes, (C,).
torch::Tensor threshold_of(const NodeTensors& activation) {
  return activation.theta.defined() ? activation.theta : to_positive(activation.lambda_raw);
}

/// f(value, scale) k for every channel, in doubles as the compiler does it.
template <class Round>
torch::Tensor on_grid(const torch::Tensor& values, const torch::Tensor& scales, const Round& round) {
  const auto v = values.to(torch::kCPU, torch::kFloat64).contiguous(), k = scales.to(torch::kCPU, torch::kFloat64);
  auto result = torch::empty_like(v);
  for (std::int64_t c = 0; c < v.numel(); ++c) {
    const double scale = k.const_data_ptr<double>()[c];
    result.data_ptr<double>()[c] = round(v.const_data_ptr<double>()[c], scale) * scale;
  }
  return result.to(values.device(), torch::kFloat32);
}

torch::Tensor along_rows(const torch::Tensor& per_row, const torch::Tensor& weight) {
  std::vector<std::int64_t> shape(static_cast<std::size_t>(weight.dim()), 1);
  shape[0] = -1;
  return per_row.view(shape);
}

}  // namespace

WeightGrid::WeightGrid(const ir::Graph& graph) {
  const FoldedView view(graph);
  const auto shapes = ir::infer_shapes(view.folded);
  const ir::Wiring wiring(view.folded);
  for (ir::NodeId id = 0; id < view.folded.size(); ++id) {
    const ir::Node& node = view.folded.node(id);
    const bool output = node.as<ir::Output>() != nullptr;
    if (!output && !ir::is_activation(node)) continue;
    Layer layer;
    layer.node = view.original(id);
    layer.one_scale = output;
    for (const ir::Branch& branch : ir::branches(wiring, id)) {
      if (branch.diagonal) continue;
      const ir::Node& affine = view.folded.node(branch.connection);
      Connection connection;
      connection.node = view.original(branch.connection);
      connection.source = view.original(branch.source);
      connection.gain = branch.gain;
      connection.norms = view.norms_behind(connection.node);
      if (const auto* conv = affine.as<ir::Conv2d>()) connection.groups = conv->groups;
      const std::int64_t source_channels = shapes[branch.source][0];
      connection.flattened = affine.as<ir::Linear>() != nullptr;
      if (connection.flattened) connection.positions = shapes[branch.value][0] / source_channels;
      layer.connections.push_back(std::move(connection));
    }
    layers_.push_back(std::move(layer));
  }
}

// What one unit of each input of the connection stands for in float: theta (or the input scale) x gain, shaped to
// multiply the weight.
torch::Tensor WeightGrid::source_scale(Network& network, const Connection& connection,
                                       const GridOptions& options) const {
  const bool from_input = network.graph().node(connection.source).as<ir::Input>() != nullptr;
  auto scale = from_input ? input_grid_scale(network.graph(), options).to(network.device())
                          : threshold_of(network.tensors(connection.source)).detach();
  scale = scale * connection.gain;
  const torch::Tensor& weight = network.tensors(connection.node).weight;
  if (connection.flattened) return scale.repeat_interleave(connection.positions).view({1, -1});
  if (connection.groups == 1) return scale.view({1, -1, 1, 1});
  // Output channel o of group g reads input channels g I/G .. (g+1) I/G - 1.
  const auto per_group = scale.view({connection.groups, 1, -1});
  const std::int64_t outputs = weight.size(0) / connection.groups;
  return per_group.expand({connection.groups, outputs, weight.size(1)}).reshape({weight.size(0), weight.size(1), 1, 1});
}

torch::Tensor WeightGrid::units(Network& network, ir::NodeId connection, const GridOptions& options) const {
  for (const Layer& layer : layers_) {
    for (const Connection& candidate : layer.connections) {
      if (candidate.node == connection) return source_scale(network, candidate, options);
    }
  }
  throw InternalError("weight grid: not a connection");
}

WeightGrid::Scales WeightGrid::scales(Network& network, const Layer& layer, const GridOptions& options) const {
  const torch::NoGradGuard no_grad;
  Scales result;
  for (const Connection& connection : layer.connections) {
    const torch::Tensor& weight = network.tensors(connection.node).weight;
    result.sources.push_back(source_scale(network, connection, options));
    result.folds.push_back(fold_factor(network, connection.norms));
    const torch::Tensor& fold = result.folds.back();
    auto absmax = row_absmax(weight * result.sources.back());
    if (fold.defined()) absmax = absmax * fold.abs();
    result.k = result.k.defined() ? torch::maximum(result.k, absmax) : absmax;
  }
  if (!result.k.defined()) return result;
  if (layer.one_scale) result.k = result.k.max().expand_as(result.k);
  result.k = (result.k / qmax(options.weight_bits)).clamp_min(1e-30);
  return result;
}

std::map<ir::NodeId, torch::Tensor> WeightGrid::apply(Network& network, const GridOptions& options) const {
  std::map<ir::NodeId, torch::Tensor> result;
  for (const Layer& layer : layers_) {
    const Scales scale = scales(network, layer, options);
    for (std::size_t i = 0; i < layer.connections.size(); ++i) {
      const torch::Tensor& weight = network.tensors(layer.connections[i].node).weight;
      torch::Tensor rounding;
      {
        const torch::NoGradGuard no_grad;
        // A channel that its batch norm switches off has codes of zero; its weight must not become infinite.
        auto unit = along_rows(scale.k, weight) / scale.sources[i];
        if (scale.folds[i].defined()) unit = unit / along_rows(scale.folds[i].abs().clamp_min(1e-12), weight);
        rounding = torch::round(weight / unit) * unit - weight;
      }
      result[layer.connections[i].node] = weight + rounding;  // straight-through: d w' / d w = 1
    }
  }
  return result;
}

void WeightGrid::snap(Network& network, const GridOptions& options) const {
  for (const Layer& layer : layers_) snap(network, layer, options);
}

torch::Tensor WeightGrid::snap_layer(Network& network, ir::NodeId node, const GridOptions& options) const {
  for (const Layer& layer : layers_) {
    if (layer.node == node) return snap(network, layer, options);
  }
  throw InternalError("weight grid: not a layer");
}

torch::Tensor WeightGrid::snap(Network& network, const Layer& layer, const GridOptions& options) const {
  const torch::NoGradGuard no_grad;
  const Scales scale = scales(network, layer, options);
  if (!scale.k.defined()) return {};  // identity skips only: no weights that a grid follows from
  torch::Tensor bias, keeper;
  for (std::size_t i = 0; i < layer.connections.size(); ++i) {
    NodeTensors& connection = network.tensors(layer.connections[i].node);
    const auto unit = along_rows(scale.k, connection.weight) / scale.sources[i];
    connection.weight.copy_(torch::round(connection.weight / unit) * unit);
    if (!connection.bias.defined()) continue;
    bias = bias.defined() ? bias + connection.bias : connection.bias.clone();
    if (!keeper.defined()) keeper = connection.bias;
    connection.bias.zero_();
  }
  if (keeper.defined()) keeper.copy_(on_grid(bias, scale.k, compiler::quantize_offset));
  NodeTensors& neurons = network.tensors(layer.node);
  if (neurons.lambda_raw.defined()) {
    const auto lambda = on_grid(to_positive(neurons.lambda_raw), scale.k, compiler::quantize_threshold);
    neurons.lambda_raw.copy_(from_positive(lambda));
  }
  if (neurons.theta.defined()) neurons.theta.copy_(on_grid(neurons.theta, scale.k, compiler::quantize_threshold));
  if (neurons.v0.defined()) neurons.v0.copy_(on_grid(neurons.v0, scale.k, compiler::quantize_offset));
  if (neurons.bias_by_timestep.defined()) {
    for (std::int64_t t = 0; t < neurons.bias_by_timestep.size(0); ++t)
      neurons.bias_by_timestep[t].copy_(on_grid(neurons.bias_by_timestep[t], scale.k, compiler::quantize_offset));
  }
  return scale.k;
}

torch::Tensor input_grid_scale(const ir::Graph& graph, const GridOptions& grid) {
  compiler::LowerOptions options;
  options.input_bits = grid.input_bits;
  options.input_absmax = grid.input_absmax;
  const auto scales = compiler::input_scales(graph.input_operator(), options);
  return torch::tensor(scales, torch::kFloat32);
}

torch::Tensor round_to_input_grid(const torch::Tensor& images, const torch::Tensor& scale, int bits) {
  const auto unit = neurons::per_channel(scale.to(images.device()), images);
  return torch::round(images / unit).clamp(-qmax(bits), qmax(bits)) * unit;
}

}  // namespace neurocuda::network
