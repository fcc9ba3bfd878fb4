#include "onnx/read/importers.hpp"

namespace neurocuda::onnx {

namespace {

/// ONNX normalises axis 1, which has to be the channels here.
void check_channels(const NodeImporter& node, const Activation& input) {
  const Layout& layout = input.layout;
  const bool fits =
      layout.size() >= 2 && (layout[1] == AxisGroup{Axis::channel} || (layout[1].empty() && node.shape(input)[0] == 1));
  if (fits) return;
  node.refuse(fmt::format("normalises axis 1 of {}, whose axes are {} of (N, C, H, W)",
                          to_string(node.onnx_shape(input)), describe(layout)),
              "normalise the channels of an image, or features that were flattened in the order (C, H, W)");
}

}  // namespace

void import_batch_normalization(NodeImporter& node) {
  // Up to opset 13, outputs behind the first mean training.
  if (node.attributes.integer("training_mode", 0) != 0 || node.node().output_size() > 1) {
    node.refuse("is in training mode", "export the model after model.eval()");
  }
  if (node.attributes.integer("spatial", 1) != 1)
    node.refuse("spatial = 0 normalises every position by itself", "use one value per channel");
  node.attributes.ignore("momentum");  // only training uses it
  const Activation input = node.activation(0);
  check_channels(node, input);
  ir::BatchNorm2d norm;
  norm.gamma = node.parameters(1);
  norm.beta = node.parameters(2);
  norm.mean = node.parameters(3);
  norm.variance = node.parameters(4);
  norm.epsilon = node.attributes.real("epsilon", 1e-5F);
  node.produce(std::move(norm), input);
}

}  // namespace neurocuda::onnx
