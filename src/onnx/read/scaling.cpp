#include "onnx/read/scaling.hpp"

#include <algorithm>

namespace neurocuda::onnx {
namespace {

bool all_are(const Tensor<float>& tensor, float value) {
  return std::ranges::all_of(tensor.values(), [&](float one) { return one == value; });
}

/// Adds to the bias of a convolution or linear layer, which is what MatMul + Add and Conv + Add in files mean.
bool add_to_bias(ir::Operator& op, const Tensor<float>& shift) {
  auto* conv = std::get_if<ir::Conv2d>(&op);
  auto* linear = std::get_if<ir::Linear>(&op);
  if (conv == nullptr && linear == nullptr) return false;
  auto& bias = conv != nullptr ? conv->bias : linear->bias;
  if (!bias) {
    bias = shift;
  } else {
    for (std::int64_t i = 0; i < shift.size(); ++i) (*bias)[i] += shift[i];
  }
  return true;
}

}  // namespace

Activation add_scaling(NodeImporter& node, const Activation& x, const Tensor<float>& scale,
                       const Tensor<float>& shift) {
  ModelImporter& model = node.model();
  if (all_are(scale, 1) && all_are(shift, 0)) return x;
  const bool only_pads = model.paddings.contains(x.node);  // what takes over its padding passes by its bias
  if (!x.shared && !only_pads && all_are(scale, 1) && add_to_bias(model.op(x.node), shift)) return x;
  if (!x.shared && model.scalings.contains(x.node)) {
    auto& norm = std::get<ir::BatchNorm2d>(model.op(x.node));
    for (std::int64_t i = 0; i < scale.size(); ++i) {
      norm.gamma[i] *= scale[i];
      norm.beta[i] = norm.beta[i] * scale[i] + shift[i];
    }
    return x;
  }
  const Shape& channels = scale.shape();
  node.charge_reals({4, channels[0]});
  const ir::NodeId made = model.add(
      node.name(), ir::BatchNorm2d{scale, shift, Tensor<float>(channels), Tensor<float>(channels, 1), 0}, {x.node});
  model.scalings.insert(made);
  return {made, x.layout};
}

void produce_scaling(NodeImporter& node, const Activation& x, const Tensor<float>& scale, const Tensor<float>& shift) {
  node.bind(add_scaling(node, x, scale, shift));
}

}  // namespace neurocuda::onnx
