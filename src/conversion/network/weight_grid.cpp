#include "conversion/network/weight_grid.hpp"

#include "conversion/network/channel_kernel.hpp"
#include "neurocuda/base/error.hpp"
#include "neurocuda/compiler/compiler.hpp"
#include "neurocuda/ir/analysis.hpp"
#include "neurocuda/ir/branches.hpp"

namespace neurocuda::conversion {
namespace {

double qmax(int bits) { return static_cast<double>((1 << (bits - 1)) - 1); }

// (O, I, ...) weight -> per output channel largest magnitude, (O,).
torch::Tensor row_absmax(const torch::Tensor& weight) { return weight.abs().flatten(1).amax(1); }

torch::Tensor along_rows(const torch::Tensor& per_row, const torch::Tensor& weight) {
  std::vector<std::int64_t> shape(static_cast<std::size_t>(weight.dim()), 1);
  shape[0] = -1;
  return per_row.view(shape);
}

}  // namespace

WeightGrid::WeightGrid(const ir::Graph& graph) {
  const auto shapes = ir::infer_shapes(graph);
  for (ir::NodeId id = 0; id < graph.size(); ++id) {
    const ir::Node& node = graph.node(id);
    const bool output = node.as<ir::Output>() != nullptr;
    if (!output && !ir::is_activation(node)) continue;
    Layer layer;
    layer.one_scale = output;
    for (const ir::Branch& branch : ir::branches(graph, id)) {
      if (branch.diagonal) continue;
      Connection connection{branch.connection, branch.source, branch.gain};
      if (const auto* conv = graph.node(branch.connection).as<ir::Conv2d>()) connection.groups = conv->groups;
      const std::int64_t source_channels = shapes[branch.source][0];
      connection.flattened = graph.node(branch.connection).as<ir::Linear>() != nullptr;
      if (connection.flattened) connection.positions = shapes[branch.value][0] / source_channels;
      layer.connections.push_back(connection);
    }
    layers_.push_back(std::move(layer));
  }
}

// What one unit of each input of the connection stands for in float: theta (or the input scale) x gain, shaped to
// multiply the weight.
torch::Tensor WeightGrid::source_scale(Network& network, const Connection& connection,
                                       const GridOptions& options) const {
  const NodeTensors& source = network.tensors(connection.source);
  auto scale = source.lambda_raw.defined() ? to_positive(source.lambda_raw).detach()
                                           : input_grid_scale(network.graph(), options).to(network.device());
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

std::map<ir::NodeId, torch::Tensor> WeightGrid::apply(Network& network, const GridOptions& options) const {
  std::map<ir::NodeId, torch::Tensor> result;
  for (const Layer& layer : layers_) {
    std::vector<torch::Tensor> scales;
    torch::Tensor largest;
    {
      const torch::NoGradGuard no_grad;
      for (const Connection& connection : layer.connections) {
        scales.push_back(source_scale(network, connection, options));
        const auto absmax = row_absmax(network.tensors(connection.node).weight * scales.back());
        largest = largest.defined() ? torch::maximum(largest, absmax) : absmax;
      }
      if (!largest.defined()) continue;
      if (layer.one_scale) largest = largest.max().expand_as(largest);
      largest = (largest / qmax(options.weight_bits)).clamp_min(1e-30);
    }
    for (std::size_t i = 0; i < layer.connections.size(); ++i) {
      const torch::Tensor& weight = network.tensors(layer.connections[i].node).weight;
      torch::Tensor rounding;
      {
        const torch::NoGradGuard no_grad;
        const auto unit = along_rows(largest, weight) / scales[i];
        rounding = torch::round(weight / unit) * unit - weight;
      }
      result[layer.connections[i].node] = weight + rounding;  // straight-through: d w' / d w = 1
    }
  }
  return result;
}

torch::Tensor input_grid_scale(const ir::Graph& graph, const GridOptions& grid) {
  compiler::LowerOptions options;
  options.input_bits = grid.input_bits;
  options.input_absmax = grid.input_absmax;
  const auto scales = compiler::input_scales(graph.input_operator(), options);
  return torch::tensor(scales, torch::kFloat32);
}

torch::Tensor round_to_input_grid(const torch::Tensor& images, const torch::Tensor& scale, int bits) {
  const auto unit = per_channel(scale.to(images.device()), images);
  return torch::round(images / unit).clamp(-qmax(bits), qmax(bits)) * unit;
}

}  // namespace neurocuda::conversion
