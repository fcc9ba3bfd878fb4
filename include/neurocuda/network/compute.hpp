#pragma once

#include <string>

namespace neurocuda::network {

/// Where and how libtorch computes.
struct ComputeOptions {
  std::string device = "cpu";  ///< "cpu", "cuda", "cuda:1"
  int threads = 0;             ///< 0: all hardware threads
  bool bf16 = false;           ///< convolutions and linear layers in bfloat16, everything else in float32
};

}  // namespace neurocuda::network
