#pragma once

#include "neurocuda/base/error.hpp"
#include "neurocuda/onnx/onnx.hpp"

namespace neurocuda::onnx {

/// One node of a file that has no counterpart, with its parts kept apart.
class Refused : public UnsupportedOperator {
 public:
  Refused(const std::string& label, Refusal parts)
      : UnsupportedOperator(label + ": " + parts.reason + "; " + parts.remedy), parts_(std::move(parts)) {}

  const Refusal& parts() const { return parts_; }

 private:
  Refusal parts_;
};

}  // namespace neurocuda::onnx
