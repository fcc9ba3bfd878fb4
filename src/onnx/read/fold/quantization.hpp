#pragma once

#include <optional>

#include "onnx/read/node_importer.hpp"

namespace neurocuda::onnx {

struct IntegerRange {
  std::int64_t low = 0, high = 0;
};

/// What an integer type holds; nothing for other types.
std::optional<IntegerRange> integer_range(int type);

/// What the numbers that a QuantizeLinear makes lie between. Throws UserError for types that are not supported.
IntegerRange quantized_range(NodeImporter& node);

}  // namespace neurocuda::onnx
