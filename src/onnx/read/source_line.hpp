#pragma once

#include <string>

#include "onnx/proto.hpp"

namespace neurocuda::onnx {

/// "model.py line 12": the line of the model that a node comes from, where torch's exporter wrote it down; else "".
std::string source_line(const proto::NodeProto& node);

}  // namespace neurocuda::onnx
