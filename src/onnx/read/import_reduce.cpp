#include <algorithm>
#include <set>

#include "onnx/read/axes.hpp"
#include "onnx/read/importers.hpp"

namespace neurocuda::onnx {
namespace {

/// The layout without the axes, or with axes of extent 1 in their place.
Layout reduced(const Layout& layout, const std::set<std::size_t>& axes, bool keep) {
  Layout result;
  for (std::size_t i = 0; i < layout.size(); ++i) {
    if (!axes.contains(i)) {
      result.push_back(layout[i]);
    } else if (keep) {
      result.emplace_back();
    }
  }
  return result;
}

/// Over which sides of the image the node reduces.
struct Sides {
  bool height = false, width = false;
};

Sides read_sides(const NodeImporter& node, const Activation& input, const std::set<std::size_t>& axes) {
  Sides sides;
  for (const std::size_t axis : axes) {
    for (const Axis over : input.layout[axis]) {
      if (over == Axis::batch || over == Axis::channel) {
        node.refuse(
            fmt::format("reduces axes of {} that are not the height and width of the image", describe(input.layout)),
            "reduce over the positions only, as global average pooling does");
      }
      (over == Axis::height ? sides.height : sides.width) = true;
    }
  }
  return sides;
}

/// Whether the pool is over the whole image: sides of one pixel need not be named.
template <class WholePool, class Pool>
void import_reduction(NodeImporter& node, const WholePool& whole, const Pool& along) {
  const Activation input = node.activation(0);
  const auto listed = node.integers("axes", 1);
  const bool keep = node.attributes.integer("keepdims", 1) != 0;
  const bool nothing = node.attributes.integer("noop_with_empty_axes", 0) != 0;
  if (nothing && (!listed || listed->empty())) return node.bind(input);
  const std::set<std::size_t> axes = read_axes(node, listed.value_or(std::vector<std::int64_t>{}), input.layout.size());
  const Sides sides = read_sides(node, input, axes);
  const Layout layout = reduced(input.layout, axes, keep);
  const Shape& shape = node.shape(input);
  if (shape.size() == 1) return node.bind({input.node, layout, input.shared});
  const bool all = (sides.height || shape[1] == 1) && (sides.width || shape[2] == 1);
  const Size2 kernel{sides.height ? shape[1] : 1, sides.width ? shape[2] : 1};
  if (all) return node.produce(whole(Size2{shape[1], shape[2]}), {input.node}, layout);
  if (kernel == Size2{1, 1}) return node.bind({input.node, layout, input.shared});
  node.produce(along(kernel), {input.node}, layout);
}

}  // namespace

void import_reduce_mean(NodeImporter& node) {
  const auto whole = [](Size2) -> ir::Operator { return ir::GlobalAvgPool{}; };
  const auto along = [](Size2 kernel) -> ir::Operator { return ir::AvgPool2d{{kernel, {1, 1}}}; };
  import_reduction(node, whole, along);
}

void import_reduce_max(NodeImporter& node) {
  const auto pool = [](Size2 kernel) -> ir::Operator { return ir::MaxPool2d{{kernel, {1, 1}}}; };
  import_reduction(node, pool, pool);
}

}  // namespace neurocuda::onnx
