#include <cmath>

#include "onnx/read/importers.hpp"

namespace neurocuda::onnx {
namespace {

constexpr float kMostLevels = 256;

std::int64_t read_levels(NodeImporter& node) {
  const float levels = node.attributes.real("levels", 0);
  if (!(levels >= 1 && levels <= kMostLevels && levels == std::floor(levels)))
    node.malformed("its levels are {}; they must be a whole number from 1 to {}", levels, kMostLevels);
  return static_cast<std::int64_t>(levels);
}

}  // namespace

void import_qcfs(NodeImporter& node) {
  const Activation input = node.activation(0);
  const Tensor<float> read = node.parameters(1);
  const Tensor<float> lambda({read.size()}, {read.values().begin(), read.values().end()});
  const std::int64_t channels = node.shape(input)[0];
  if (lambda.size() != channels)
    node.malformed("its lambda has {} values for {} channels; give one per channel", lambda.size(), channels);
  for (const float value : lambda.values()) {
    if (!(value > 0 && std::isfinite(value)))
      node.malformed("a lambda is {}; thresholds must be positive and finite", value);
  }
  node.produce(ir::QCFS{lambda, read_levels(node)}, input);
}

}  // namespace neurocuda::onnx
