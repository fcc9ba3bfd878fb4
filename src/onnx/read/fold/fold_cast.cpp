#include <cmath>

#include "onnx/read/fold/fold.hpp"
#include "onnx/read/fold/folders.hpp"
#include "onnx/read/fold/quantization.hpp"

namespace neurocuda::onnx {
namespace {

using T = proto::TensorProto;

int target_type(NodeImporter& node) {
  if (node.node().op_type() == "CastLike") return node.constant(1)->type;
  return static_cast<int>(node.attributes.integer("to", 0));
}

/// Towards 0; refuses what the type does not hold.
std::int64_t to_integer(const NodeImporter& node, double value, const IntegerRange& range) {
  const double whole = std::trunc(value);
  constexpr double kBeyond = 0x1p63;
  const bool fits = whole >= -kBeyond && whole < kBeyond && whole >= static_cast<double>(range.low) &&
                    whole <= static_cast<double>(range.high);
  if (!fits) node.malformed("turns {} into {}; export the model again", value, "an integer that cannot hold it");
  return static_cast<std::int64_t>(whole);
}

Constant as_integers(NodeImporter& node, const Constant& from, int type) {
  const bool truth = type == T::BOOL;
  const auto range = integer_range(type);
  if (!range)
    node.malformed("turns a constant into {}, which is not supported; export the model in float32", type_name(type));
  node.charge_integers(from.shape);
  Constant result{from.shape, type, Constant::Integers()};
  auto& values = std::get<Constant::Integers>(result.values);
  values.reserve(static_cast<std::size_t>(from.size()));
  std::visit(
      [&](const auto& all) {
        for (const auto value : all) {
          if (truth) {
            values.push_back(value != 0 ? 1 : 0);
          } else if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::int64_t>) {
            if (value < range->low || value > range->high) to_integer(node, std::nan(""), *range);
            values.push_back(value);
          } else {
            values.push_back(to_integer(node, static_cast<double>(value), *range));
          }
        }
      },
      from.values);
  return result;
}

}  // namespace

void fold_cast(NodeImporter& node) {
  for (const char* attribute : {"saturate", "round_mode"}) node.attributes.ignore(attribute);
  const int type = target_type(node);
  const ConstantRef& ref = node.constant_ref(0);
  if (!is_real_type(type)) return bind_folded(node, as_integers(node, *node.constant(0), type));
  const auto* stored = std::get_if<const proto::TensorProto*>(&ref);
  if (stored != nullptr && is_real_type((*stored)->data_type())) return node.bind_constant(ref);
  const auto* computed = std::get_if<SharedConstant>(&ref);
  if (computed != nullptr && (*computed)->is_real()) return node.bind_constant(ref);
  Constant result = node.model().copy_as_real(ref);
  result.type = type;
  bind_folded(node, std::move(result));
}

void fold_identity(NodeImporter& node) { node.bind_constant(node.constant_ref(0)); }

}  // namespace neurocuda::onnx
