#include "onnx/read/axes.hpp"

namespace neurocuda::onnx {

std::size_t read_axis(const NodeImporter& node, std::int64_t axis, std::size_t rank) {
  const auto count = static_cast<std::int64_t>(rank);
  if (axis < -count || axis >= count) node.malformed("axis {} is not one of {}; export the model again", axis, rank);
  return static_cast<std::size_t>(axis < 0 ? axis + count : axis);
}

std::set<std::size_t> read_axes(const NodeImporter& node, const std::vector<std::int64_t>& axes, std::size_t rank) {
  std::set<std::size_t> result;
  for (const std::int64_t axis : axes) {
    if (!result.insert(read_axis(node, axis, rank)).second)
      node.malformed("names axis {} twice; export the model again", axis);
  }
  for (std::size_t axis = 0; axes.empty() && axis < rank; ++axis) result.insert(axis);
  return result;
}

std::vector<std::size_t> read_permutation(NodeImporter& node, std::size_t rank) {
  std::vector<std::int64_t> order(rank);
  for (std::size_t i = 0; i < rank; ++i) order[i] = static_cast<std::int64_t>(rank - 1 - i);
  order = node.attributes.integers("perm").value_or(order);
  if (order.size() != rank)
    node.malformed("perm has {} values for {} axes; export the model again", order.size(), rank);
  read_axes(node, order, rank);  // refuses what is no permutation
  std::vector<std::size_t> axes;
  for (const std::int64_t axis : order) axes.push_back(read_axis(node, axis, rank));
  return axes;
}

}  // namespace neurocuda::onnx
