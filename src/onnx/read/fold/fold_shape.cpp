#include <algorithm>

#include "onnx/read/axes.hpp"
#include "onnx/read/fold/fold.hpp"
#include "onnx/read/fold/folders.hpp"

namespace neurocuda::onnx {
namespace {

void bind_with_shape(NodeImporter& node, const Shape& shape) {
  if (shape.size() > 8) node.malformed("makes {} axes; export the model again", shape.size());
  Constant result = node.model().copy(node.constant_ref(0));
  if (checked_count(node, shape) != result.size()) {
    node.malformed("gives {} values the shape {}; export the model again", result.size(), to_string(shape));
  }
  result.shape = shape;
  bind_folded(node, std::move(result));
}

}  // namespace

void fold_reshape(NodeImporter& node) {
  const bool allow_zero = node.attributes.integer("allowzero", 0) != 0;
  const SharedConstant from = node.constant(0);
  Shape shape = node.integers("shape", 1).value_or(std::vector<std::int64_t>{});
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 0 && !allow_zero && i < from->shape.size()) shape[i] = from->shape[i];
  }
  const auto open = std::ranges::find(shape, -1);
  if (open != shape.end()) {
    *open = 1;
    const std::int64_t known = checked_count(node, shape);
    *open = known > 0 ? from->size() / known : 0;
  }
  bind_with_shape(node, shape);
}

void fold_flatten(NodeImporter& node) {
  const Shape from = node.constant(0)->shape;
  const auto rank = static_cast<std::int64_t>(from.size());
  const std::int64_t stated = node.attributes.integer("axis", 1);
  const std::int64_t axis = stated < 0 ? stated + rank : stated;
  if (axis < 0 || axis > rank) node.malformed("axis = {} is not one of {}; export the model again", stated, rank);
  bind_with_shape(node, {checked_count(node, {from.begin(), from.begin() + axis}),
                         checked_count(node, {from.begin() + axis, from.end()})});
}

void fold_squeeze(NodeImporter& node) {
  const Shape from = node.constant(0)->shape;
  const auto listed = node.integers("axes", 1).value_or(std::vector<std::int64_t>{});
  const std::set<std::size_t> axes = read_axes(node, listed, from.size());
  Shape shape;
  for (std::size_t i = 0; i < from.size(); ++i) {
    const bool goes = axes.contains(i) && (from[i] == 1 || !listed.empty());
    if (!goes) shape.push_back(from[i]);
  }
  bind_with_shape(node, shape);
}

void fold_unsqueeze(NodeImporter& node) {
  const Shape from = node.constant(0)->shape;
  const auto listed = node.integers("axes", 1).value_or(std::vector<std::int64_t>{});
  const std::size_t rank = from.size() + listed.size();
  if (listed.empty() || rank > 8) node.malformed("makes {} axes; export the model again", rank);
  const std::set<std::size_t> axes = read_axes(node, listed, rank);
  Shape shape;
  auto next = from.begin();
  for (std::size_t i = 0; i < rank; ++i) shape.push_back(axes.contains(i) ? 1 : *next++);
  bind_with_shape(node, shape);
}

}  // namespace neurocuda::onnx
