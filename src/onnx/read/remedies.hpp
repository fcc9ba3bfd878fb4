#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

/// The operators whose advice does not depend on what stands around them.
std::vector<std::pair<std::string_view, Advice>> advised_operators();

}  // namespace neurocuda::onnx
