#include "onnx/read/layout.hpp"

#include <algorithm>

namespace neurocuda::onnx {

std::int64_t extent_of(Axis axis, const Shape& ir, std::int64_t batch) {
  if (axis == Axis::batch) return batch;
  const auto index = static_cast<std::size_t>(axis) - 1;
  return index < ir.size() ? ir[index] : 1;
}

Shape extents_of(const Layout& layout, const Shape& ir, std::int64_t batch) {
  Shape shape;
  for (const AxisGroup& group : layout) {
    std::int64_t extent = 1;
    for (const Axis axis : group) extent *= extent_of(axis, ir, batch);
    shape.push_back(extent);
  }
  return shape;
}

Layout without_units(Layout layout, const Shape& ir) {
  for (AxisGroup& group : layout) {
    std::erase_if(group, [&](Axis axis) { return axis != Axis::batch && extent_of(axis, ir, 1) == 1; });
  }
  return layout;
}

Layout plain_layout(std::size_t rank, const Shape& ir) {
  const Layout whole = rank == 3 ? Layout{{Axis::batch}, {Axis::channel}, {Axis::width}}
                                 : Layout{{Axis::batch}, {Axis::channel}, {Axis::height}, {Axis::width}};
  return without_units({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(rank)}, ir);
}

bool in_ir_order(const Layout& layout) {
  AxisGroup all;
  for (const AxisGroup& group : layout) {
    if (group.size() > 1 && group[0] == Axis::batch) return false;
    all.insert(all.end(), group.begin(), group.end());
  }
  return std::ranges::is_sorted(all);
}

std::optional<Layout> regrouped(const Layout& layout, const Shape& shape, const Shape& ir) {
  if (layout.empty() || layout[0] != AxisGroup{Axis::batch}) return std::nullopt;
  AxisGroup axes;
  for (const AxisGroup& group : layout) axes.insert(axes.end(), group.begin(), group.end());
  Layout result{{Axis::batch}};
  std::size_t next = 1;
  for (const std::int64_t wanted : shape) {
    std::int64_t extent = 1;
    AxisGroup group;
    while (extent < wanted && next < axes.size()) {
      extent *= extent_of(axes[next], ir, 1);
      group.push_back(axes[next++]);
    }
    if (extent != wanted) return std::nullopt;
    result.push_back(std::move(group));
  }
  if (next != axes.size()) return std::nullopt;
  return result;
}

std::string describe(const Layout& layout) {
  constexpr const char* kNames = "NCHW";
  std::string text = "(";
  for (const AxisGroup& group : layout) {
    if (text.size() > 1) text += ", ";
    if (group.empty()) text += '1';
    for (std::size_t i = 0; i < group.size(); ++i) {
      if (i > 0) text += ' ';
      text += kNames[static_cast<std::size_t>(group[i])];
    }
  }
  return text + ")";
}

}  // namespace neurocuda::onnx
