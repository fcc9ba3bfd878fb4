#pragma once

#include "neurocuda/ir/graph.hpp"
#include "onnx/proto.hpp"

namespace neurocuda::onnx {

/// The model (opset 13) of a valid graph. Values have the names of the nodes that make them; what the Output reads has
/// the Output's name. Throws UnsupportedOperator on IF nodes.
proto::ModelProto export_model(const ir::Graph& graph);

}  // namespace neurocuda::onnx
