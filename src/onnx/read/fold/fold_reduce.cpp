#include <algorithm>
#include <cmath>
#include <limits>

#include "onnx/read/axes.hpp"
#include "onnx/read/fold/fold.hpp"
#include "onnx/read/fold/folders.hpp"

namespace neurocuda::onnx {
namespace {

/// A reduction in float64, which holds the integers of shapes exactly.
struct Reduction {
  double start;
  double (*combine)(double, double);
};

Reduction reduction_of(const std::string& op) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (op == "ReduceProd") return {1, [](double a, double b) { return a * b; }};
  if (op == "ReduceMax") return {-kInfinity, [](double a, double b) { return std::max(a, b); }};
  if (op == "ReduceL1") return {0, [](double a, double b) { return a + std::abs(b); }};
  if (op == "ReduceL2" || op == "ReduceSumSquare") return {0, [](double a, double b) { return a + b * b; }};
  if (op == "ReduceMin") return {kInfinity, [](double a, double b) { return std::min(a, b); }};
  return {0, [](double a, double b) { return a + b; }};
}

/// The shape with axes of extent 1 in place of those that are reduced, and by how much the result steps.
std::pair<Shape, Strides> kept(const Shape& shape, const std::set<std::size_t>& axes) {
  Shape result = shape;
  for (const std::size_t axis : axes) result[axis] = 1;
  Strides strides = strides_of(result);
  for (const std::size_t axis : axes) strides[axis] = 0;
  return {result, strides};
}

Constant rounded(NodeImporter& node, const std::vector<double>& values, const Shape& shape, const Constant& from) {
  charge_like(node, from, shape);
  if (from.is_real()) return {shape, from.type, Constant::Reals(values.begin(), values.end())};
  constexpr double kLargest = 0x1p53;
  Constant::Integers integers;
  for (const double value : values) {
    if (!(std::abs(value) <= kLargest)) node.malformed("computes the integer {}; export the model again", value);
    integers.push_back(static_cast<std::int64_t>(value));
  }
  return {shape, from.type, std::move(integers)};
}

}  // namespace

void fold_reduce(NodeImporter& node) {
  const SharedConstant from = node.constant(0);
  const auto listed = node.integers("axes", 1).value_or(std::vector<std::int64_t>{});
  const bool keep = node.attributes.integer("keepdims", 1) != 0;
  if (node.attributes.integer("noop_with_empty_axes", 0) != 0 && listed.empty())
    return node.bind_constant(node.constant_ref(0));
  const std::set<std::size_t> axes = read_axes(node, listed, from->shape.size());
  const auto [shape, strides] = kept(from->shape, axes);
  node.charge_reals(from->shape);  // the work
  node.charge_integers(shape);
  const Reduction reduction = reduction_of(node.node().op_type());
  std::vector<double> values(static_cast<std::size_t>(element_count(shape)), reduction.start);
  std::size_t next = 0;
  walk<1>(from->shape, {strides}, {0}, [&](const auto& place) {
    const double value =
        from->is_real() ? static_cast<double>(from->reals()[next]) : static_cast<double>(from->integers()[next]);
    double& result = values[static_cast<std::size_t>(place[0])];
    result = reduction.combine(result, value);
    ++next;
  });
  if (node.node().op_type() == "ReduceMean" && !values.empty()) {
    const double count = static_cast<double>(from->size()) / static_cast<double>(values.size());
    for (double& value : values) value /= count;
  }
  if (node.node().op_type() == "ReduceL2") {
    for (double& value : values) value = std::sqrt(value);
  }
  Shape named;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (keep || !axes.contains(i)) named.push_back(shape[i]);
  }
  bind_folded(node, rounded(node, values, named, *from));
}

}  // namespace neurocuda::onnx
