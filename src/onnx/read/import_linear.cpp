#include "onnx/read/bias.hpp"
#include "onnx/read/importers.hpp"

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
    node.unsupported("its weight has shape {}; only matrices are supported", to_string(weight.shape()));
  }
  return stored_transposed ? weight : transposed(weight);
}

}  // namespace

void import_gemm(NodeImporter& node) {
  const ir::NodeId input = node.activation(0);
  if (node.attributes.integer("transA", 0) != 0)
    node.unsupported("transA = 1 mixes the images of a batch; use transA = 0");
  ir::Linear linear;
  linear.weight = read_matrix(node, node.attributes.integer("transB", 0) != 0);
  scale(linear.weight, node.attributes.real("alpha", 1.0F));
  const float beta = node.attributes.real("beta", 1.0F);
  if (const auto bias = node.optional_parameters(2)) {
    linear.bias = as_bias(node, *bias, linear.weight.extent(0), 0);
    scale(*linear.bias, beta);
  }
  node.produce(std::move(linear), {input});
}

void import_matmul(NodeImporter& node) {
  const ir::NodeId input = node.activation(0);
  ir::Linear linear;
  linear.weight = read_matrix(node, false);
  node.produce(std::move(linear), {input});  // an Add of a constant behind it becomes its bias: import_add
}

}  // namespace neurocuda::onnx
