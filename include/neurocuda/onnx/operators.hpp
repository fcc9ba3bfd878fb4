#pragma once

#include <string>
#include <vector>

namespace neurocuda::onnx {

/// What the reader does with one operator of ONNX.
struct OperatorSupport {
  std::string name;
  bool read = false;           ///< becomes part of the network
  bool computed = false;       ///< computed, where nothing in it depends on the image
  std::string reason, remedy;  ///< why it is refused and what helps, for operators that people ask for
};

/// By name. What is not in the list is refused.
std::vector<OperatorSupport> operators();

}  // namespace neurocuda::onnx
