#pragma once

#include <cstdint>

#include "neurocuda/base/error.hpp"

namespace neurocuda::onnx {

/// How many bytes the constants of a file may take, stored, computed and as parameters, all together. Charged before
/// anything is allocated, so that it also bounds the work of computing them.
class Budget {
 public:
  explicit Budget(std::int64_t bytes) : bytes_(bytes) {}

  /// Throws UserError when the file cannot account for so many.
  void charge(std::int64_t bytes) {
    if (bytes <= bytes_) {
      bytes_ -= bytes;
      return;
    }
    fail(
        "its nodes share constants or compute them so often that they would be far larger than the file; store every "
        "constant once, computed");
  }
  void extend(std::int64_t bytes) { bytes_ += bytes; }

 private:
  std::int64_t bytes_;
};

}  // namespace neurocuda::onnx
