#pragma once

#include "onnx/proto.hpp"

namespace neurocuda::onnx {

/// ONNX has no quantised clip-floor-shift activation, but lets a model define operators by others ("model-local
/// functions", IR version 8). A file with QCFS nodes brings neurocuda.QCFS(x, lambda) along, with the attribute
/// `levels`, so that any runtime computes what was trained:
///   lambda clip(floor(x levels / lambda + 1/2), 0, levels) / levels.
inline constexpr const char* kQcfsDomain = "neurocuda";
inline constexpr const char* kQcfsOperator = "QCFS";

/// Adds the function and its domain to a model.
void define_qcfs(proto::ModelProto& model);

}  // namespace neurocuda::onnx
