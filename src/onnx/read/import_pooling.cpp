#include <algorithm>

#include "onnx/read/importers.hpp"
#include "onnx/read/window.hpp"

namespace neurocuda::onnx {
namespace {

Window read_pool_window(NodeImporter& node, ir::NodeId input) {
  if (node.attributes.integer("ceil_mode", 0) != 0) {
    node.unsupported("ceil_mode = 1 is not supported; use ceil_mode=False with padding, or a size that divides evenly");
  }
  return read_window(node, read_kernel(node), input);
}

/// Whether the axes are H and W of (N, C, H, W), in any order, counted from either end.
bool are_spatial(std::vector<std::int64_t> axes) {
  for (std::int64_t& axis : axes) axis = axis < 0 ? axis + 4 : axis;
  std::sort(axes.begin(), axes.end());
  return axes == std::vector<std::int64_t>{2, 3};
}

}  // namespace

void import_average_pool(NodeImporter& node) {
  const ir::NodeId input = node.activation(0);
  ir::AvgPool2d pool{read_pool_window(node, input)};
  const bool counts_padding = node.attributes.integer("count_include_pad", 0) != 0;
  if (!counts_padding && pool.window.padding != Size2{0, 0}) {
    node.unsupported("its padding {} does not count as area; use count_include_pad=True or no padding",
                     to_string(pool.window.padding));
  }
  node.produce(pool, {input});
}

void import_max_pool(NodeImporter& node) {
  const ir::NodeId input = node.activation(0);
  node.attributes.ignore("storage_order");  // only the indices, output 1, depend on it
  node.produce(ir::MaxPool2d{read_pool_window(node, input)}, {input});
}

void import_global_average_pool(NodeImporter& node) { node.produce(ir::GlobalAvgPool{}, {node.activation(0)}); }

void import_reduce_mean(NodeImporter& node) {
  const ir::NodeId input = node.activation(0);
  node.attributes.ignore("noop_with_empty_axes");  // the axes are never empty here
  auto axes = node.attributes.integers("axes");
  if (!axes && node.has_input(1)) axes = node.integers(1);  // an input since opset 18
  if (!axes || !are_spatial(*axes))
    node.unsupported("only the mean over axes 2 and 3, global average pooling, is supported");
  if (node.attributes.integer("keepdims", 1) != 0) {
    node.produce(ir::GlobalAvgPool{}, {input});
    return;
  }
  const ir::NodeId pool = node.model().add(node.name(), ir::GlobalAvgPool{}, {input});
  node.bind(node.model().add(node.name() + "_flatten", ir::Flatten{}, {pool}));
}

}  // namespace neurocuda::onnx
