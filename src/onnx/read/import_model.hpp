#pragma once

#include "neurocuda/onnx/onnx.hpp"
#include "onnx/proto.hpp"
#include "onnx/read/tensors.hpp"

namespace neurocuda::onnx {

/// The network of a model, not yet validated.
Reading import_model(const proto::ModelProto& model, ConstantSource constants);

/// Reads on behind nodes that are refused and lists them.
std::vector<Refusal> refusals_of(const proto::ModelProto& model, ConstantSource constants);

}  // namespace neurocuda::onnx
