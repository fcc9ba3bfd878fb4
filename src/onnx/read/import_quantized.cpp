#include <algorithm>

#include "onnx/read/fold/quantization.hpp"
#include "onnx/read/importers.hpp"

namespace neurocuda::onnx {
namespace {

constexpr const char* kNote =
    "the model is quantised (QuantizeLinear and DequantizeLinear); it is read as the float32 network that it stands "
    "for";

/// Whether the smallest integer stands for 0: quantisers leave a ReLU out in front of such numbers, which do the same.
bool clips_at_zero(NodeImporter& node) {
  const IntegerRange range = quantized_range(node);
  if (!node.has_input(2)) return range.low == 0;
  const SharedConstant zero = node.constant(2);
  if (zero->is_real()) return false;
  const auto& points = zero->integers();
  return !points.empty() && std::ranges::all_of(points, [&](std::int64_t point) { return point == range.low; });
}

}  // namespace

void import_quantize(NodeImporter& node) {
  const Activation input = node.movable(0);
  for (const char* attribute : {"axis", "saturate", "block_size", "precision"}) node.attributes.ignore(attribute);
  node.model().note(kNote);
  const bool is_image = node.model().graph().node(input.node).as<ir::Input>() != nullptr;  // pixels have no ReLU
  if (input.last || is_image || !clips_at_zero(node) || node.model().never_negative(input.node))
    return node.bind(input);
  node.produce(ir::ReLU{}, input);
}

void import_dequantize(NodeImporter& node) {
  for (const char* attribute : {"axis", "block_size", "output_dtype"}) node.attributes.ignore(attribute);
  node.model().note(kNote);
  node.bind(node.movable(0));
}

}  // namespace neurocuda::onnx
