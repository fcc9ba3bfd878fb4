#pragma once

#include <cstdint>
#include <span>

#include "onnx/proto.hpp"

namespace neurocuda::onnx {

/// A ModelProto and the memory it lives in. Parsing stops, with a UserError, as soon as the messages take more memory
/// than max_message_bytes(file size).
class ParsedModel {
 public:
  /// Throws UserError when the bytes are not a whole protobuf message.
  explicit ParsedModel(std::span<const std::uint8_t> bytes);

  const proto::ModelProto& proto() const { return *model_; }

 private:
  google::protobuf::Arena arena_;
  proto::ModelProto* model_;
};

}  // namespace neurocuda::onnx
