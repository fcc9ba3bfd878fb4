#pragma once

#include "onnx/read/node_importer.hpp"

namespace neurocuda::onnx {

/// A constant that ONNX broadcasts over a value as one number per channel of the ir value. `what` names it in messages:
/// "constant". Throws UnsupportedOperator when it differs along other axes, or would enlarge the value.
Tensor<float> per_channel(const NodeImporter& node, const Tensor<float>& constant, const Activation& value,
                          const char* what);

}  // namespace neurocuda::onnx
