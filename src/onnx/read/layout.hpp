#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "neurocuda/base/shape.hpp"
#include "neurocuda/ir/graph.hpp"

namespace neurocuda::onnx {

/// The axes of a batch of ir values: (N, C, H, W), or (N, C) for features.
enum class Axis : std::uint8_t { batch, channel, height, width };

/// The ir axes that one axis of an ONNX value consists of, outermost first. Those of extent 1 stand nowhere, except the
/// batch; none at all is an axis of extent 1.
using AxisGroup = std::vector<Axis>;

/// How an ONNX value lies over the ir value that it stands for: (N, H, W, C) is {{N}, {H}, {W}, {C}}, flattened {{N},
/// {H, W, C}}. So files may transpose, squeeze and reshape without a node in the graph.
using Layout = std::vector<AxisGroup>;

/// What an ONNX value stands for.
struct Activation {
  ir::NodeId node = 0;
  Layout layout;
  bool shared = false;  ///< something else reads the node's value too
  bool last = false;    ///< behind a dropped softmax: nothing may be computed from it any more
};

/// The extent of an axis; 1 for those that features do not have.
std::int64_t extent_of(Axis axis, const Shape& ir, std::int64_t batch);

/// The shape of the ONNX value.
Shape extents_of(const Layout& layout, const Shape& ir, std::int64_t batch);

/// Without the ir axes of extent 1.
Layout without_units(Layout layout, const Shape& ir);

/// (N, C), (N, C, W) or (N, C, H, W), as ONNX orders them.
Layout plain_layout(std::size_t rank, const Shape& ir);

/// Whether the ir axes stand in the ir's order, the batch alone and first (or left out, where it is one image).
bool in_ir_order(const Layout& layout);

/// The layout after a reshape to (batch, shape...), which keeps the batch; nothing when that would take ir axes apart.
std::optional<Layout> regrouped(const Layout& layout, const Shape& shape, const Shape& ir);

/// "(N, H, W, C)", "(N, H W C)"
std::string describe(const Layout& layout);

}  // namespace neurocuda::onnx
