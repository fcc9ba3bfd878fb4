#include <algorithm>
#include <cmath>
#include <limits>

#include "onnx/read/axes.hpp"
#include "onnx/read/fold/fold.hpp"
#include "onnx/read/fold/folders.hpp"
#include "onnx/read/fold/quantization.hpp"

namespace neurocuda::onnx {
namespace {

using T = proto::TensorProto;

template <class Integer>
IntegerRange range_of() {
  return {std::numeric_limits<Integer>::min(), std::numeric_limits<Integer>::max()};
}

/// Scale and zero point of every element: one for all, or one per place along an axis.
struct Grid {
  Constant::Reals scales;
  std::vector<double> zeros;
  std::int64_t inner = 1;  ///< elements between two places along the axis

  std::size_t place(std::size_t element) const {
    return static_cast<std::size_t>(static_cast<std::int64_t>(element) / inner) % scales.size();
  }
};

Grid read_grid(NodeImporter& node, const Shape& shape) {
  if (node.attributes.integer("block_size", 0) != 0)
    node.refuse("is quantised in blocks", "quantise per tensor or per channel, or export the float32 model");
  const std::int64_t stated = node.attributes.integer("axis", 1);
  Grid grid;
  const Constant scale = node.model().copy_as_real(node.constant_ref(1));
  grid.scales = scale.reals();
  if (grid.scales.empty()) node.malformed("has no scale; export the model again");
  if (grid.scales.size() > 1) {
    const std::size_t axis = read_axis(node, stated, shape.size());
    if (shape[axis] != scale.size() || scale.shape.size() != 1)
      node.malformed("has {} scales along an axis of {}; export the model again", scale.size(), shape[axis]);
    grid.inner = checked_count(node, {shape.begin() + static_cast<std::ptrdiff_t>(axis) + 1, shape.end()});
  }
  grid.zeros.assign(grid.scales.size(), 0);
  if (!node.has_input(2)) return grid;
  const Constant zero = node.model().copy_as_real(node.constant_ref(2));
  if (zero.size() != 1 && zero.size() != scale.size())
    node.malformed("has {} zero points for {} scales; export the model again", zero.size(), scale.size());
  for (std::size_t i = 0; i < grid.zeros.size(); ++i)
    grid.zeros[i] = static_cast<double>(zero.reals()[zero.size() == 1 ? 0 : i]);
  return grid;
}

}  // namespace

std::optional<IntegerRange> integer_range(int type) {
  switch (type) {
    case T::INT8:
      return range_of<std::int8_t>();
    case T::UINT8:
      return range_of<std::uint8_t>();
    case T::INT16:
      return range_of<std::int16_t>();
    case T::UINT16:
      return range_of<std::uint16_t>();
    case T::INT32:
      return range_of<std::int32_t>();
    case T::UINT32:
      return range_of<std::uint32_t>();
    case T::INT64:
    case T::UINT64:
      return range_of<std::int64_t>();
    case T::BOOL:
      return IntegerRange{0, 1};
    default:
      return std::nullopt;
  }
}

IntegerRange quantized_range(NodeImporter& node) {
  int type = static_cast<int>(node.attributes.integer("output_dtype", 0));
  if (node.has_input(2)) {
    const ConstantRef& ref = node.constant_ref(2);
    const auto* stored = std::get_if<const proto::TensorProto*>(&ref);
    type = stored != nullptr ? (*stored)->data_type() : std::get<SharedConstant>(ref)->type;
  } else if (type == 0) {
    type = T::UINT8;
  }
  const auto range = integer_range(type);
  if (!range || type == T::BOOL || range->high > UINT32_MAX) {
    node.refuse(fmt::format("quantises to {}", type_name(type)),
                "quantise to int8 or uint8, or export the float32 model");
  }
  return *range;
}

void fold_dequantize(NodeImporter& node) {
  node.attributes.ignore("output_dtype");
  Constant result = node.model().copy_as_real(node.constant_ref(0));
  const Grid grid = read_grid(node, result.shape);
  auto& values = std::get<Constant::Reals>(result.values);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t place = grid.place(i);
    values[i] = static_cast<float>((static_cast<double>(values[i]) - grid.zeros[place]) *
                                   static_cast<double>(grid.scales[place]));
  }
  result.type = T::FLOAT;
  bind_folded(node, std::move(result));
}

/// Rounds half to even and saturates.
void fold_quantize(NodeImporter& node) {
  for (const char* attribute : {"saturate", "precision"}) node.attributes.ignore(attribute);
  const IntegerRange range = quantized_range(node);
  const SharedConstant from = node.constant(0);
  if (!from->is_real()) node.malformed("quantises {}; export the model again", type_name(from->type));
  const Grid grid = read_grid(node, from->shape);
  node.charge_integers(from->shape);
  Constant result{from->shape, T::INT32, Constant::Integers()};
  auto& values = std::get<Constant::Integers>(result.values);
  values.reserve(from->reals().size());
  for (std::size_t i = 0; i < from->reals().size(); ++i) {
    const std::size_t place = grid.place(i);
    const double scaled =
        std::nearbyint(static_cast<double>(from->reals()[i]) / static_cast<double>(grid.scales[place]));
    const double code =
        std::clamp(scaled + grid.zeros[place], static_cast<double>(range.low), static_cast<double>(range.high));
    if (std::isnan(code)) node.malformed("quantises a number that is none; export the model again");
    values.push_back(static_cast<std::int64_t>(code));
  }
  bind_folded(node, std::move(result));
}

}  // namespace neurocuda::onnx
