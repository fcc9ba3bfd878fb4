#include <fmt/ranges.h>

#include "neurocuda/base/shape.hpp"
#include "onnx/read/importers.hpp"

namespace neurocuda::onnx {
namespace {

/// Whether (batch, features) is the target of a Reshape that only flattens: [N, -1], [0, -1], [-1, features], [N,
/// features].
bool flattens(const std::vector<std::int64_t>& target, std::int64_t features, std::int64_t batch) {
  if (target.size() != 2) return false;
  const bool whole_images = target[1] == features || target[1] == -1;
  // A number in place of the batch axis only fits a file with that batch size, or one that leaves it open.
  const bool keeps_batch = target[0] == 0 || (target[0] > 0 && (batch == 0 || target[0] == batch));
  return whole_images && (keeps_batch || (target[0] == -1 && target[1] == features));
}

}  // namespace

void import_flatten(NodeImporter& node) {
  const ir::NodeId input = node.activation(0);
  const std::int64_t axis = node.attributes.integer("axis", 1);
  const auto rank = [&] { return static_cast<std::int64_t>(node.shape(input).size()) + 1; };
  if (axis != 1 && axis != 1 - rank()) node.unsupported("axis = {} is not supported; flatten from axis 1", axis);
  node.produce(ir::Flatten{}, {input});
}

void import_reshape(NodeImporter& node) {
  const ir::NodeId input = node.activation(0);
  const std::vector<std::int64_t> target = node.integers(1);
  const std::int64_t features = element_count(node.shape(input));
  if (node.attributes.integer("allowzero", 0) != 0 || !flattens(target, features, node.model().batch())) {
    node.unsupported("shape {} does not flatten (N, {}) to (N, {}); only such a Reshape is supported",
                     to_string(target), fmt::join(node.shape(input), ", "), features);
  }
  node.produce(ir::Flatten{}, {input});
}

}  // namespace neurocuda::onnx
