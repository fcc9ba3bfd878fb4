#include "compiler/branch_weights.hpp"

#include <algorithm>
#include <cmath>

namespace neurocuda::compiler {

BranchWeights::BranchWeights(const ir::Graph& graph, const ir::Branch& branch, const Shape& source_shape,
                             const Units& source_units)
    : units_(source_units) {
  for (double& unit : units_) unit *= branch.gain;
  if (branch.diagonal) return;
  const ir::Node& node = graph.node(branch.connection);
  if (const auto* linear = node.as<ir::Linear>()) {
    weight_ = &linear->weight;
    bias_ = linear->bias ? &*linear->bias : nullptr;
    span_ = program::plane(source_shape);
    outputs_per_group_ = weight_->extent(0);
  } else {
    conv_ = node.as<ir::Conv2d>();
    ensure(conv_ != nullptr, "a branch's connection is a convolution or a linear layer");
    weight_ = &conv_->weight;
    bias_ = conv_->bias ? &*conv_->bias : nullptr;
    span_ = weight_->extent(2) * weight_->extent(3);
    inputs_per_group_ = weight_->extent(1);
    outputs_per_group_ = weight_->extent(0) / conv_->groups;
  }
  row_ = weight_->size() / weight_->extent(0);
}

double BranchWeights::absmax(std::int64_t o) const {
  double largest = 0;
  for (std::int64_t j = 0; j < row_; ++j) largest = std::max(largest, std::abs(at(o, j)));
  return largest;
}

program::Connection BranchWeights::zeros(std::int64_t output_channels) const {
  if (diagonal()) return program::Diagonal{Tensor<std::int8_t>({output_channels})};
  Tensor<std::int8_t> weight(weight_->shape());
  if (conv_ == nullptr) return program::Linear{std::move(weight)};
  return program::Conv{std::move(weight), conv_->window, conv_->groups};
}

}  // namespace neurocuda::compiler
