#pragma once

#include <string>

#include "onnx/proto.hpp"
#include "onnx/read/uses.hpp"

namespace neurocuda::onnx {

/// Why a node whose operator has no importer cannot be read, and what its user can do: by the operator and by what
/// stands around it.
struct Advice {
  std::string reason;
  std::string remedy;
};
Advice advice(const proto::NodeProto& node, const Uses& uses);

}  // namespace neurocuda::onnx
