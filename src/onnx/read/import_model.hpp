#pragma once

#include "neurocuda/ir/graph.hpp"
#include "onnx/proto.hpp"

namespace neurocuda::onnx {

/// The network of a model, not yet validated. `file_bytes` bounds the memory of the parameters.
ir::Graph import_model(const proto::ModelProto& model, std::int64_t file_bytes);

}  // namespace neurocuda::onnx
