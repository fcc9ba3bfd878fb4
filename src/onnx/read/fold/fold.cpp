#include "onnx/read/fold/fold.hpp"

namespace neurocuda::onnx {

Constant gathered(NodeImporter& node, const Constant& from, const Shape& shape, const Strides& strides,
                  std::int64_t first) {
  charge_like(node, from, shape);
  Constant result{shape, from.type, {}};
  std::visit(
      [&](const auto& values) {
        std::decay_t<decltype(values)> taken;
        taken.reserve(static_cast<std::size_t>(element_count(shape)));
        walk<1>(shape, {strides}, {first},
                [&](const auto& place) { taken.push_back(values[static_cast<std::size_t>(place[0])]); });
        result.values = std::move(taken);
      },
      from.values);
  return result;
}

Shape broadcast(const NodeImporter& node, const Shape& a, const Shape& b) {
  const Shape& longer = a.size() < b.size() ? b : a;
  const Shape& shorter = a.size() < b.size() ? a : b;
  Shape result = longer;
  const std::size_t more = longer.size() - shorter.size();
  for (std::size_t i = 0; i < shorter.size(); ++i) {
    std::int64_t& extent = result[more + i];
    if (extent == 1) extent = shorter[i];
    if (shorter[i] != 1 && shorter[i] != extent) {
      node.malformed("broadcasts {} and {}, which do not fit; export the model again", to_string(a), to_string(b));
    }
  }
  return result;
}

Strides broadcast_strides(const Shape& from, const Shape& to) {
  const Strides own = strides_of(from);
  Strides strides(to.size(), 0);
  const std::size_t more = to.size() - from.size();
  for (std::size_t i = 0; i < from.size(); ++i) strides[more + i] = from[i] == 1 ? 0 : own[i];
  return strides;
}

double scalar(NodeImporter& node, int i) {
  const SharedConstant constant = node.constant(i);
  if (constant->size() != 1)
    node.malformed("its input {} has {} values; it must be one number; export the model again", i, constant->size());
  return constant->is_real() ? static_cast<double>(constant->reals()[0]) : static_cast<double>(constant->integers()[0]);
}

std::int64_t checked_count(const NodeImporter& node, const Shape& shape) {
  try {
    return element_count(shape);
  } catch (const UserError& error) {
    node.malformed("{}; export the model again", error.what());
  }
}

}  // namespace neurocuda::onnx
