#include <algorithm>

#include "onnx/read/importers.hpp"
#include "onnx/read/per_channel.hpp"
#include "onnx/read/scaling.hpp"

namespace neurocuda::onnx {
namespace {

Tensor<float> constant_of(NodeImporter& node, int input, const Activation& value) {
  return per_channel(node, node.parameters(input), value, "constant");
}

Tensor<float> all(const Tensor<float>& like, float value) { return Tensor<float>(like.shape(), value); }

Tensor<float> negated(Tensor<float> tensor) {
  for (float& value : tensor.values()) value = -value;
  return tensor;
}

/// Values of features, however they lie, that are to be added: (C, 1, 1) beside (C,).
void flatten_beside(NodeImporter& node, Activation& value, const Activation& other) {
  if (node.shape(value).size() != 3 || node.shape(other).size() != 1) return;
  value.node = node.model().add(node.name() + "_flatten", ir::Flatten{}, {value.node});
  value.layout = without_units(other.layout, node.shape(value));
}

/// The sum of two values of the network as a node; the ONNX value must lie over both in the same way.
Activation add_values(NodeImporter& node, Activation a, Activation b) {
  const Shape a_shape = node.onnx_shape(a), b_shape = node.onnx_shape(b);
  if (a_shape != b_shape) {
    node.refuse(
        fmt::format("adds {} and {}, which have different shapes", to_string(a_shape), to_string(b_shape)),
        "add values of one shape; a value per channel that depends on the image cannot be added to all positions");
  }
  const auto features = [](const Layout& layout) { return in_ir_order(layout) && layout.size() == 2; };
  if (a.layout != b.layout && !(features(a.layout) && features(b.layout))) {
    node.refuse(
        fmt::format("adds values whose axes are {} and {} of (N, C, H, W)", describe(a.layout), describe(b.layout)),
        "bring both into one order of axes");
  }
  flatten_beside(node, a, b);
  flatten_beside(node, b, a);
  const ir::NodeId sum = node.model().add(node.name(), ir::Add{}, {a.node, b.node});
  return {sum, without_units(a.layout, node.shape(sum))};
}

[[noreturn]] void refuse_product(const NodeImporter& node) {
  node.refuse(
      "multiplies or divides two values of the network (a gate, as in squeeze-and-excitation, swish and attention); "
      "the "
      "product of two spike rates has no counterpart",
      "leave the gate out, or replace it by ReLU, and train again");
}

}  // namespace

/// Add and Sum: constants are shifts of the sum of the others.
void import_add(NodeImporter& node) {
  std::optional<Activation> sum;
  for (int i = 0; i < node.inputs(); ++i) {
    if (node.is_constant(i)) continue;
    sum = sum ? add_values(node, *sum, node.activation(i)) : node.activation(i);
  }
  if (!sum) node.activation(0);  // refuses constants
  for (int i = 0; i < node.inputs(); ++i) {
    if (!node.is_constant(i)) continue;
    const Tensor<float> shift = constant_of(node, i, *sum);
    sum = add_scaling(node, *sum, all(shift, 1), shift);
  }
  node.bind(*sum);
}

void import_sub(NodeImporter& node) {
  if (node.is_constant(1)) {
    const Activation x = node.activation(0);
    const Tensor<float> shift = negated(constant_of(node, 1, x));
    return produce_scaling(node, x, all(shift, 1), shift);
  }
  const Activation y = node.activation(1);
  if (node.is_constant(0)) {
    const Tensor<float> shift = constant_of(node, 0, y);
    return produce_scaling(node, y, all(shift, -1), shift);
  }
  const Activation x = node.activation(0);
  const Tensor<float> ones({node.shape(y)[0]}, 1);
  const Activation minus_y = add_scaling(node, y, negated(ones), all(ones, 0));
  node.bind(add_values(node, x, minus_y));
}

void import_neg(NodeImporter& node) {
  const Activation x = node.activation(0);
  const Tensor<float> zeros({node.shape(x)[0]});
  produce_scaling(node, x, all(zeros, -1), zeros);
}

void import_mul(NodeImporter& node) {
  if (!node.is_constant(0) && !node.is_constant(1)) refuse_product(node);
  const int constant = node.is_constant(1) ? 1 : 0;
  const Activation x = node.activation(1 - constant);
  const Tensor<float> scale = constant_of(node, constant, x);
  produce_scaling(node, x, scale, all(scale, 0));
}

void import_div(NodeImporter& node) {
  if (!node.is_constant(1) && !node.is_constant(0)) refuse_product(node);
  if (!node.is_constant(1)) {
    node.refuse("divides a constant by a value of the network", "leave the division out and train again");
  }
  const Activation x = node.activation(0);
  Tensor<float> scale = constant_of(node, 1, x);
  if (std::ranges::find(scale.values(), 0.0F) != scale.values().end())
    node.malformed("divides by a constant that is 0; export the model again");
  for (float& value : scale.values()) value = 1 / value;
  produce_scaling(node, x, scale, all(scale, 0));
}

}  // namespace neurocuda::onnx
