#include <algorithm>
#include <cmath>

#include "onnx/read/fold/fold.hpp"
#include "onnx/read/fold/folders.hpp"

namespace neurocuda::onnx {
namespace {

using T = proto::TensorProto;

/// Of a constant, or of a value of the network at the batch size that constants are computed for.
Shape shape_of_input(NodeImporter& node) {
  if (!node.is_constant(0)) return node.onnx_shape(node.movable(0));
  const ConstantRef& ref = node.constant_ref(0);
  if (const auto* computed = std::get_if<SharedConstant>(&ref)) return (*computed)->shape;
  const auto& tensor = *std::get<const proto::TensorProto*>(ref);
  return shape_of(tensor);
}

template <class Value>
Constant filled(NodeImporter& node, const Shape& shape, int type, Value value) {
  const auto count = static_cast<std::size_t>(checked_count(node, shape));
  sizeof(Value) == sizeof(float) ? node.charge_reals(shape) : node.charge_integers(shape);
  return {shape, type, std::vector<Value>(count, value)};
}

/// Numbers start, start + delta, ... as many as lie before the limit.
template <class Value>
Constant counted(NodeImporter& node, int type, Value start, Value limit, Value delta) {
  const double steps =
      std::ceil((static_cast<double>(limit) - static_cast<double>(start)) / static_cast<double>(delta));
  constexpr double kMost = 0x1p40;
  if (!(steps <= kMost)) node.malformed("makes {} numbers; export the model again", steps);
  const Shape shape{static_cast<std::int64_t>(std::max(steps, 0.0))};
  Constant result = filled(node, shape, type, start);
  auto& values = std::get<std::vector<Value>>(result.values);
  for (std::size_t i = 1; i < values.size(); ++i) values[i] = static_cast<Value>(values[i - 1] + delta);
  return result;
}

}  // namespace

/// A tensor, or value_int, value_ints, value_float or value_floats as the tensor that they stand for.
void fold_constant(NodeImporter& node) {
  if (const auto* tensor = node.attributes.tensor("value")) return node.bind_constant(tensor);
  const auto number = [&](const char* name) { return node.attributes.any(name); };
  if (const auto* one = number("value_int")) {
    bind_folded(node, {{}, T::INT64, Constant::Integers{one->i()}});
  } else if (const auto* many = number("value_ints")) {
    bind_folded(node, {{many->ints_size()}, T::INT64, Constant::Integers(many->ints().begin(), many->ints().end())});
  } else if (const auto* real = number("value_float")) {
    bind_folded(node, {{}, T::FLOAT, Constant::Reals{real->f()}});
  } else if (const auto* reals = number("value_floats")) {
    bind_folded(node,
                {{reals->floats_size()}, T::FLOAT, Constant::Reals(reals->floats().begin(), reals->floats().end())});
  } else {
    node.refuse("holds neither a tensor nor numbers", "store the constant as an initialiser");
  }
}

void fold_constant_of_shape(NodeImporter& node) {
  const Shape shape = node.integers(0);
  if (shape.size() > 8) node.malformed("makes {} axes; export the model again", shape.size());
  const proto::TensorProto* value = node.attributes.tensor("value");
  if (value == nullptr) return bind_folded(node, filled(node, shape, T::FLOAT, 0.0F));
  const Constant constant = node.model().copy(value);
  if (constant.size() != 1)
    node.malformed("its value has {} elements; it must be one; export the model again", constant.size());
  std::visit([&](const auto& one) { bind_folded(node, filled(node, shape, constant.type, one[0])); }, constant.values);
}

void fold_range(NodeImporter& node) {
  const SharedConstant start = node.constant(0);
  const double limit = scalar(node, 1), delta = scalar(node, 2), first = scalar(node, 0);
  if (delta == 0 || !std::isfinite(delta) || !std::isfinite(limit) || !std::isfinite(first))
    node.malformed("counts from {} to {} by {}; export the model again", first, limit, delta);
  if (start->is_real())
    return bind_folded(node, counted(node, start->type, static_cast<float>(first), static_cast<float>(limit),
                                     static_cast<float>(delta)));
  constexpr double kLargest = 0x1p53;  // far from where a sum of two overflows
  if (std::max({std::abs(first), std::abs(limit), std::abs(delta)}) > kLargest)
    node.malformed("counts from {} to {} by {}; export the model again", first, limit, delta);
  bind_folded(node, counted(node, start->type, static_cast<std::int64_t>(first), static_cast<std::int64_t>(limit),
                            static_cast<std::int64_t>(delta)));
}

void fold_shape(NodeImporter& node) {
  const Shape shape = shape_of_input(node);
  const auto rank = static_cast<std::int64_t>(shape.size());
  const auto place = [&](std::int64_t axis) {
    return std::clamp<std::int64_t>(axis < 0 ? axis + rank : axis, 0, rank);
  };
  const std::int64_t start = place(node.attributes.integer("start", 0));
  const std::int64_t end = std::max(start, place(node.attributes.integer("end", rank)));
  Constant::Integers values(shape.begin() + start, shape.begin() + end);
  bind_folded(node, {{end - start}, T::INT64, std::move(values)});
}

void fold_size(NodeImporter& node) {
  bind_folded(node, {{}, T::INT64, Constant::Integers{checked_count(node, shape_of_input(node))}});
}

}  // namespace neurocuda::onnx
