#include "onnx/read/importers.hpp"

namespace neurocuda::onnx {

void import_batch_normalization(NodeImporter& node) {
  // Up to opset 13, outputs behind the first mean training.
  if (node.attributes.integer("training_mode", 0) != 0 || node.node().output_size() > 1) {
    node.unsupported("is in training mode; export the model after model.eval()");
  }
  if (node.attributes.integer("spatial", 1) != 1)
    node.unsupported("spatial = 0 is not supported; use one value per channel");
  node.attributes.ignore("momentum");  // only training uses it
  const ir::NodeId input = node.activation(0);
  ir::BatchNorm2d norm;
  norm.gamma = node.parameters(1);
  norm.beta = node.parameters(2);
  norm.mean = node.parameters(3);
  norm.variance = node.parameters(4);
  norm.epsilon = node.attributes.real("epsilon", 1e-5F);
  node.produce(std::move(norm), {input});
}

}  // namespace neurocuda::onnx
