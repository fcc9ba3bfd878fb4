#pragma once

#include <vector>

#include "onnx/proto.hpp"

namespace neurocuda::onnx {

/// The nodes that the graph's outputs depend on, each after those that it reads, otherwise in the order of the file.
/// Throws UserError when a value has two sources or none, or when nodes read each other in a cycle (naming one on it).
std::vector<const proto::NodeProto*> evaluation_order(const proto::GraphProto& graph);

}  // namespace neurocuda::onnx
