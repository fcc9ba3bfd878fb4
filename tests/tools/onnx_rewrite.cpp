// onnx_rewrite IN OUT: reads an ONNX file and writes it again, so that tests can compare what both compute.
#include <cstdio>

#include "neurocuda/base/error.hpp"
#include "neurocuda/onnx/onnx.hpp"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: onnx_rewrite IN OUT\n");
    return 2;
  }
  try {
    neurocuda::onnx::write(neurocuda::onnx::read(argv[1]), argv[2]);
    return 0;
  } catch (const neurocuda::UserError& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 2;
  }
}
