#pragma once

#include <string>
#include <string_view>

#include "onnx/proto.hpp"

namespace neurocuda::onnx {

/// A name from a file made fit for messages, tables and JSON: at most 256 bytes of valid UTF-8, no control characters;
/// what does not belong becomes '_'. Ordinary names stay as they are.
std::string printable(std::string_view name);

/// The node's name, or its first output where it has none.
std::string display_name(const proto::NodeProto& node);

/// "Conv", or "domain.Op" outside ONNX's own domain.
std::string operator_name(const proto::NodeProto& node);

/// "Conv 'conv1'"
std::string label(const proto::NodeProto& node);

}  // namespace neurocuda::onnx
