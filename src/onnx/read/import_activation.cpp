#include <algorithm>
#include <cmath>
#include <limits>

#include "onnx/read/importers.hpp"

namespace neurocuda::onnx {
namespace {

constexpr float kNoBound = std::numeric_limits<float>::infinity();

/// Bounds beyond what float32 networks compute are none.
float bound(float value) {
  return std::abs(value) >= std::numeric_limits<float>::max() ? std::copysign(kNoBound, value) : value;
}

float number(NodeImporter& node, int input) {
  const Tensor<float> value = node.parameters(input);
  if (value.size() != 1) node.malformed("its bound has {} values; it must be one number", value.size());
  return bound(value[0]);
}

/// min(max(x, low), high), where that is a ReLU: with or without an upper bound.
void produce_clip(NodeImporter& node, const Activation& x, float low, float high) {
  ModelImporter& model = node.model();
  const bool positive = model.never_negative(x.node);
  if (low == -kNoBound && high == kNoBound) return node.bind(x);
  if (!(low == 0 || (low < 0 && positive))) {
    node.refuse(fmt::format("clips to {} .. {}; a spike rate lies between 0 and a bound", low, high),
                "use ReLU, ReLU6 or Clip from 0 on, and train again");
  }
  if (!(high > 0)) node.malformed("clips to {} .. {}, which leaves nothing; export the model again", low, high);
  auto* before = std::get_if<ir::ReLU>(&model.op(x.node));
  if (before != nullptr && !x.shared) {
    before->cap = std::min(before->cap, high);
    return node.bind(x);
  }
  if (high == kNoBound && positive) return node.bind(x);
  node.produce(ir::ReLU{high}, x);
}

}  // namespace

void import_relu(NodeImporter& node) { node.produce(ir::ReLU{}, node.activation(0)); }

/// The bounds are attributes up to opset 10, then inputs.
void import_clip(NodeImporter& node) {
  const Activation x = node.activation(0);
  const float low = bound(node.attributes.real("min", -kNoBound));
  const float high = bound(node.attributes.real("max", kNoBound));
  produce_clip(node, x, node.has_input(1) ? number(node, 1) : low, node.has_input(2) ? number(node, 2) : high);
}

namespace {

/// Max(x, 0) and Min(x, c): the one input that is no constant, and the bound.
std::pair<Activation, float> read_bounded(NodeImporter& node) {
  if (node.inputs() != 2 || (!node.is_constant(0) && !node.is_constant(1))) {
    node.refuse("compares values of the network with each other; only a constant bound has a counterpart",
                "use ReLU or max pooling, and train again");
  }
  const int constant = node.is_constant(1) ? 1 : 0;
  return {node.activation(1 - constant), number(node, constant)};
}

}  // namespace

void import_max(NodeImporter& node) {
  const auto [x, low] = read_bounded(node);
  produce_clip(node, x, low, kNoBound);
}

void import_min(NodeImporter& node) {
  const auto [x, high] = read_bounded(node);
  produce_clip(node, x, -kNoBound, high);
}

void import_leaky_relu(NodeImporter& node) {
  const float slope = node.attributes.real("alpha", 0.01F);
  if (slope == 0) return import_relu(node);
  node.refuse(fmt::format("lets {} of negative values pass; a spike rate cannot be negative", slope),
              "replace it by ReLU and train again");
}

}  // namespace neurocuda::onnx
