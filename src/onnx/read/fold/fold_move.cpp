#include <algorithm>

#include "onnx/read/axes.hpp"
#include "onnx/read/fold/fold.hpp"
#include "onnx/read/fold/folders.hpp"
#include "onnx/read/slices.hpp"

namespace neurocuda::onnx {
namespace {

using Values = std::vector<std::int64_t>;

/// A constant seen as (outer, along an axis, inner).
struct Along {
  std::int64_t outer, extent, inner;
  Along(const NodeImporter& node, const Shape& shape, std::size_t axis)
      : outer(checked_count(node, {shape.begin(), shape.begin() + static_cast<std::ptrdiff_t>(axis)})),
        extent(shape[axis]),
        inner(checked_count(node, {shape.begin() + static_cast<std::ptrdiff_t>(axis) + 1, shape.end()})) {}
};

}  // namespace

void fold_transpose(NodeImporter& node) {
  const SharedConstant from = node.constant(0);
  const std::size_t rank = from->shape.size();
  const Strides old = strides_of(from->shape);
  Shape shape;
  Strides strides;
  for (const std::size_t axis : read_permutation(node, rank)) {
    shape.push_back(from->shape[axis]);
    strides.push_back(old[axis]);
  }
  bind_folded(node, gathered(node, *from, shape, strides));
}

void fold_slice(NodeImporter& node) {
  const SharedConstant from = node.constant(0);
  Shape shape = from->shape;
  Strides strides = strides_of(shape);
  std::int64_t first = 0;
  for (const SliceAlong& slice : read_slices(node, from->shape)) {
    first += slice.count > 0 ? slice.begin * strides[slice.axis] : 0;
    strides[slice.axis] *= slice.count > 1 ? slice.step : 0;
    shape[slice.axis] = slice.count;
  }
  bind_folded(node, gathered(node, *from, shape, strides, first));
}

void fold_expand(NodeImporter& node) {
  const SharedConstant from = node.constant(0);
  const Shape shape = broadcast(node, from->shape, node.integers(1));
  if (shape.size() > 8) node.malformed("makes {} axes; export the model again", shape.size());
  checked_count(node, shape);
  bind_folded(node, gathered(node, *from, shape, broadcast_strides(from->shape, shape)));
}

/// (a, b) repeated (m, n) times is (m, a, n, b) with steps of 0 along m and n.
void fold_tile(NodeImporter& node) {
  const SharedConstant from = node.constant(0);
  const Values repeats = node.integers(1);
  if (repeats.size() != from->shape.size())
    node.malformed("repeats {} axes of {}; export the model again", repeats.size(), from->shape.size());
  const Strides old = strides_of(from->shape);
  Shape shape, apart;
  Strides strides;
  for (std::size_t i = 0; i < repeats.size(); ++i) {
    apart.insert(apart.end(), {repeats[i], from->shape[i]});
    strides.insert(strides.end(), {0, old[i]});
  }
  checked_count(node, apart);
  for (std::size_t i = 0; i < repeats.size(); ++i) shape.push_back(checked_count(node, {repeats[i], from->shape[i]}));
  Constant result = gathered(node, *from, apart, strides);
  result.shape = shape;
  bind_folded(node, std::move(result));
}

void fold_gather(NodeImporter& node) {
  const SharedConstant from = node.constant(0), indices = node.constant(1);
  if (from->shape.empty() || indices->is_real())
    node.malformed("takes elements of a single number; export the model again");
  const std::size_t axis = read_axis(node, node.attributes.integer("axis", 0), from->shape.size());
  const Along along(node, from->shape, axis);
  Shape shape = from->shape;
  shape.erase(shape.begin() + static_cast<std::ptrdiff_t>(axis));
  shape.insert(shape.begin() + static_cast<std::ptrdiff_t>(axis), indices->shape.begin(), indices->shape.end());
  if (shape.size() > 8) node.malformed("makes {} axes; export the model again", shape.size());
  checked_count(node, shape);
  charge_like(node, *from, shape);
  Constant result{shape, from->type, {}};
  std::visit(
      [&](const auto& values) {
        std::decay_t<decltype(values)> taken;
        taken.reserve(static_cast<std::size_t>(element_count(shape)));
        const std::int64_t rounds = element_count(shape) > 0 ? along.outer : 0;
        for (std::int64_t outer = 0; outer < rounds; ++outer) {
          for (const std::int64_t index : indices->integers()) {
            const std::int64_t place = index < 0 ? index + along.extent : index;
            if (place < 0 || place >= along.extent)
              node.malformed("takes element {} of {}; export the model again", index, along.extent);
            const auto begin = values.begin() + (outer * along.extent + place) * along.inner;
            taken.insert(taken.end(), begin, begin + along.inner);
          }
        }
        result.values = std::move(taken);
      },
      from->values);
  bind_folded(node, std::move(result));
}

void fold_concat(NodeImporter& node) {
  std::vector<SharedConstant> parts;
  for (int i = 0; i < node.inputs(); ++i) parts.push_back(node.constant(i));
  Shape shape = parts.at(0)->shape;
  if (shape.empty()) node.malformed("puts single numbers together; export the model again");
  const std::size_t axis = read_axis(node, node.attributes.integer("axis", 0), shape.size());
  shape[axis] = 0;
  for (const SharedConstant& part : parts) {
    Shape rest = part->shape;
    if (rest.size() == shape.size()) rest[axis] = shape[axis];
    if (rest != shape || part->is_real() != parts[0]->is_real())
      node.malformed("puts constants of {} and {} together; export the model again", to_string(parts[0]->shape),
                     to_string(part->shape));
    shape[axis] += part->shape[axis];
  }
  checked_count(node, shape);
  charge_like(node, *parts[0], shape);
  const Along along(node, shape, axis);
  Constant result{shape, parts[0]->type, {}};
  std::visit(
      [&](const auto& first) {
        using Elements = std::decay_t<decltype(first)>;
        Elements all;
        all.reserve(static_cast<std::size_t>(element_count(shape)));
        const std::int64_t rounds = element_count(shape) > 0 ? along.outer : 0;
        for (std::int64_t outer = 0; outer < rounds; ++outer) {
          for (const SharedConstant& part : parts) {
            const std::int64_t length = part->shape[axis] * along.inner;
            const auto begin = std::get<Elements>(part->values).begin() + outer * length;
            all.insert(all.end(), begin, begin + length);
          }
        }
        result.values = std::move(all);
      },
      parts[0]->values);
  bind_folded(node, std::move(result));
}

}  // namespace neurocuda::onnx
