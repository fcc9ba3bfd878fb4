#include "nir/native/synapse_writer.hpp"

#include <algorithm>

#include "nir/native/arrays.hpp"

namespace neurocuda::nir::native {
namespace {

using program::Conv;
using program::Diagonal;
using program::Linear;

// m << e: weights in the integer units of the target. int8 shifted by at most 7 is exact in float32.
std::vector<std::int64_t> shifted(const Tensor<std::int8_t>& weight, const std::vector<std::uint8_t>& shift) {
  const std::int64_t row = weight.size() / weight.extent(0);
  std::vector<std::int64_t> values(static_cast<std::size_t>(weight.size()));
  for (std::int64_t i = 0; i < weight.size(); ++i) {
    values[static_cast<std::size_t>(i)] = std::int64_t{weight[i]} * (1 << shift[static_cast<std::size_t>(i / row)]);
  }
  return values;
}

Array bias_array(std::span<const std::int32_t> bias, std::int64_t outputs) {
  std::vector<std::int64_t> values(bias.begin(), bias.end());
  values.resize(static_cast<std::size_t>(outputs));
  return real_array({outputs}, values);
}

Node conv2d(Array weight, Array bias, const Window& window, std::int64_t groups, const Shape& source) {
  Node node;
  node.type = "Conv2d";
  auto& leaves = node.parameters.leaves;
  leaves["input_shape"] = integer_array(std::vector<std::int64_t>{source[1], source[2]});
  leaves["weight"] = std::move(weight);
  leaves["bias"] = std::move(bias);
  leaves["stride"] = size_array(window.stride);
  leaves["padding"] = size_array(window.padding);
  leaves["dilation"] = size_array(window.dilation);
  leaves["groups"] = Array::scalar(groups);
  return node;
}

Node affine(Array weight, std::span<const std::int32_t> bias) {
  Node node;
  node.type = bias.empty() ? "Linear" : "Affine";
  if (!bias.empty()) node.parameters.leaves["bias"] = bias_array(bias, weight.shape[0]);
  node.parameters.leaves["weight"] = std::move(weight);
  return node;
}

// Scale has no bias, so a diagonal that must carry one is written as the dense map it is.
Node dense_diagonal(const std::vector<std::int64_t>& diagonal, std::span<const std::int32_t> bias,
                    const Shape& source) {
  const auto channels = static_cast<std::int64_t>(diagonal.size());
  std::vector<std::int64_t> dense(diagonal.size() * diagonal.size());
  for (std::size_t c = 0; c < diagonal.size(); ++c) dense[c * diagonal.size() + c] = diagonal[c];
  if (source.size() == 1) return affine(real_array({channels, channels}, dense), bias);
  return conv2d(real_array({channels, channels, 1, 1}, dense), bias_array(bias, channels), Window{}, 1, source);
}

Node scale(const std::vector<std::int64_t>& diagonal, const Shape& shape) {
  Node node;
  node.type = "Scale";
  node.parameters.leaves["scale"] = real_array(shape, spread(diagonal, shape));
  return node;
}

struct PrimitiveOf {
  const std::vector<std::uint8_t>& shift;
  std::span<const std::int32_t> bias;
  const Shape& source;
  const Shape& target;

  Node operator()(const Conv& conv) const {
    return conv2d(real_array(conv.weight.shape(), shifted(conv.weight, shift)), bias_array(bias, conv.weight.extent(0)),
                  conv.window, conv.groups, source);
  }
  Node operator()(const Linear& linear) const {
    return affine(real_array(linear.weight.shape(), shifted(linear.weight, shift)), bias);
  }
  Node operator()(const Diagonal& diagonal) const {
    const auto values = shifted(diagonal.weight, shift);
    return bias.empty() ? scale(values, target) : dense_diagonal(values, bias, source);
  }
};

}  // namespace

Node primitive_of(const program::SynapseGroup& group, std::span<const std::int32_t> bias, const Shape& source,
                  const Shape& target) {
  return std::visit(PrimitiveOf{group.shift, bias, source, target}, group.connection);
}

std::size_t bias_carrier(const std::vector<program::SynapseGroup>& groups) {
  const auto found = std::find_if(groups.begin(), groups.end(), [](const program::SynapseGroup& group) {
    return !std::holds_alternative<Diagonal>(group.connection);
  });
  return found == groups.end() ? 0 : static_cast<std::size_t>(found - groups.begin());
}

}  // namespace neurocuda::nir::native
