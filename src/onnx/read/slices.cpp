#include "onnx/read/slices.hpp"

#include <algorithm>
#include <numeric>

#include "onnx/read/axes.hpp"

namespace neurocuda::onnx {
namespace {

using Values = std::vector<std::int64_t>;

SliceAlong along(const NodeImporter& node, std::size_t axis, std::int64_t extent, std::int64_t start, std::int64_t end,
                 std::int64_t step) {
  constexpr std::int64_t kLongest = std::int64_t{1} << 40;
  step = std::clamp(step, -kLongest, kLongest);  // longer than any tensor: the first element alone
  if (step == 0) node.malformed("has a step of 0; export the model again");
  const auto inside = [&](std::int64_t place) {
    if (place < 0) place += extent;
    return step > 0 ? std::clamp<std::int64_t>(place, 0, extent) : std::clamp<std::int64_t>(place, -1, extent - 1);
  };
  const std::int64_t from = inside(start), to = inside(end);
  const std::int64_t room = step > 0 ? to - from : from - to;
  const std::int64_t length = std::abs(step);
  return {axis, from, step, room > 0 ? (room + length - 1) / length : 0};
}

}  // namespace

std::vector<SliceAlong> read_slices(NodeImporter& node, const Shape& shape) {
  const Values starts = node.integers("starts", 1).value_or(Values{});
  const Values ends = node.integers("ends", 2).value_or(Values{});
  Values axes(starts.size());
  std::iota(axes.begin(), axes.end(), 0);
  axes = node.integers("axes", 3).value_or(axes);
  const Values steps = node.has_input(4) ? node.integers(4) : Values(starts.size(), 1);
  if (starts.empty() || ends.size() != starts.size() || axes.size() != starts.size() || steps.size() != starts.size()) {
    node.malformed("has {} starts, {} ends, {} axes and {} steps; export the model again", starts.size(), ends.size(),
                   axes.size(), steps.size());
  }
  read_axes(node, axes, shape.size());  // refuses one that stands twice
  std::vector<SliceAlong> slices;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const std::size_t axis = read_axis(node, axes[i], shape.size());
    slices.push_back(along(node, axis, shape[axis], starts[i], ends[i], steps[i]));
  }
  return slices;
}

}  // namespace neurocuda::onnx
