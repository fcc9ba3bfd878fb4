#include <algorithm>

#include "onnx/read/importers.hpp"
#include "onnx/read/per_channel.hpp"
#include "onnx/read/walk.hpp"

namespace neurocuda::onnx {
namespace {

Tensor<float> transposed(const Tensor<float>& matrix) {
  const std::int64_t rows = matrix.extent(0);
  const std::int64_t columns = matrix.extent(1);
  Tensor<float> result({columns, rows});
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t column = 0; column < columns; ++column) {
      result[column * rows + row] = matrix[row * columns + column];
    }
  }
  return result;
}

void scale(Tensor<float>& tensor, float factor) {
  if (factor == 1.0F) return;
  for (float& value : tensor.values()) value *= factor;
}

/// Input 1 as (O, I), stored so or as (I, O).
Tensor<float> read_matrix(NodeImporter& node, bool stored_transposed) {
  Tensor<float> weight = node.parameters(1);
  if (weight.shape().size() != 2) {
    node.refuse(fmt::format("its weight has shape {}; only matrices are supported", to_string(weight.shape())),
                "use a linear layer or a convolution");
  }
  return stored_transposed ? weight : transposed(weight);
}

/// What a Gemm adds: one number, or one per output.
Tensor<float> bias_of(const NodeImporter& node, const Tensor<float>& bias, std::int64_t outputs) {
  const Shape& shape = bias.shape();
  const bool row =
      std::all_of(shape.begin(), shape.end() - (shape.empty() ? 0 : 1), [](auto extent) { return extent == 1; });
  if (shape.size() > 2 || !row || (bias.size() != 1 && bias.size() != outputs)) {
    node.refuse(fmt::format("its bias of shape {} is not one number, nor one per output, here {} values",
                            to_string(shape), outputs),
                "give it one value per output");
  }
  if (bias.size() == 1) return Tensor<float>({outputs}, bias[0]);
  return {{outputs}, {bias.values().begin(), bias.values().end()}};
}

/// Where the features of an image (C, H, W), in the order of the graph, stand in an axis that merges them in another.
std::vector<std::int64_t> places(const AxisGroup& group, const Shape& ir) {
  Strides strides(3, 0);
  std::int64_t step = 1;
  for (auto axis = group.rbegin(); axis != group.rend(); ++axis) {
    strides[static_cast<std::size_t>(*axis) - 1] = step;
    step *= extent_of(*axis, ir, 1);
  }
  std::vector<std::int64_t> result;
  walk<1>(ir, {strides}, {0}, [&](const auto& place) { result.push_back(place[0]); });
  return result;
}

Tensor<float> with_columns(const Tensor<float>& weight, const std::vector<std::int64_t>& columns) {
  const std::int64_t rows = weight.extent(0), width = weight.extent(1);
  if (width != static_cast<std::int64_t>(columns.size())) return weight;  // misfits are the shape inference's to refuse
  Tensor<float> result(weight.shape());
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t i = 0; i < width; ++i)
      result[row * width + i] = weight[row * width + columns[static_cast<std::size_t>(i)]];
  }
  return result;
}

/// A weight (O, I) over features that lie in the last axis, whatever their order; the other axes have extent 1.
void produce_linear(NodeImporter& node, const Activation& input, ir::Linear linear) {
  ir::NodeId features = input.node;
  if (node.shape(input).size() == 3) {
    if (!in_ir_order({input.layout.back()}))
      linear.weight = with_columns(linear.weight, places(input.layout.back(), node.shape(input)));
    features = node.model().add(node.name() + "_flatten", ir::Flatten{}, {features});
  }
  Layout layout = input.layout;
  layout.back() = {Axis::channel};
  node.produce(std::move(linear), {features}, std::move(layout));
}

/// Whether all that varies within one image lies in the last axis.
bool only_features(const Activation& input) {
  const Layout& layout = input.layout;
  const auto is_single = [](const AxisGroup& group) { return group.empty() || group == AxisGroup{Axis::batch}; };
  return !layout.empty() && std::ranges::find(layout.back(), Axis::batch) == layout.back().end() &&
         std::all_of(layout.begin(), layout.end() - 1, is_single);
}

/// A linear map of the channels at every position is a convolution of 1x1.
void produce_pointwise(NodeImporter& node, const Activation& input, const Tensor<float>& weight) {
  const bool channels_last =
      input.layout.back() == AxisGroup{Axis::channel} || (input.layout.back().empty() && node.shape(input)[0] == 1);
  if (!channels_last) {
    node.refuse(
        fmt::format("multiplies the last axis of {} by a matrix, which is not the channels", describe(input.layout)),
        "flatten the image first, or use a convolution");
  }
  ir::Conv2d conv{
      {{weight.extent(0), weight.extent(1), 1, 1}, {weight.values().begin(), weight.values().end()}}, {}, {}, 1};
  Layout layout = input.layout;
  layout.back() = {Axis::channel};
  node.produce(std::move(conv), {input.node}, std::move(layout));
}

}  // namespace

void import_gemm(NodeImporter& node) {
  const Activation input = node.activation(0);
  if (node.attributes.integer("transA", 0) != 0)
    node.refuse("transA = 1 mixes the images of a batch", "use transA = 0");
  if (input.layout.size() != 2 || !only_features(input)) {
    node.malformed("needs features (N, C), not {}; put a Flatten before it", to_string(node.onnx_shape(input)));
  }
  ir::Linear linear;
  linear.weight = read_matrix(node, node.attributes.integer("transB", 0) != 0);
  scale(linear.weight, node.attributes.real("alpha", 1.0F));
  const float beta = node.attributes.real("beta", 1.0F);
  const std::int64_t outputs = linear.weight.extent(0);
  if (const auto bias = node.optional_parameters(2)) {
    linear.bias = bias_of(node, *bias, outputs);
    scale(*linear.bias, beta);
  }
  produce_linear(node, input, std::move(linear));
}

void import_matmul(NodeImporter& node) {
  const Activation input = node.activation(0);
  Tensor<float> weight = read_matrix(node, false);  // an Add of a constant behind it becomes its bias: add_constant
  if (only_features(input)) return produce_linear(node, input, {std::move(weight), {}});
  produce_pointwise(node, input, weight);
}

}  // namespace neurocuda::onnx
