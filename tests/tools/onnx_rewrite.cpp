// onnx_rewrite IN OUT: reads an ONNX file and writes it again, so that tests can compare what both compute; prints what
// the reader notes. onnx_rewrite IN: prints all nodes that the reader refuses.
#include <fmt/format.h>

#include <cstdio>

#include "neurocuda/base/error.hpp"
#include "neurocuda/onnx/onnx.hpp"

namespace {

void rewrite(const char* from, const char* to) {
  const neurocuda::onnx::Reading reading = neurocuda::onnx::read_with_notes(from);
  neurocuda::onnx::write(reading.graph, to);
  for (const auto& note : reading.notes) fmt::print("{}\n", note);
}

void list_refusals(const char* file) {
  for (const auto& [node, op, line, reason, remedy] : neurocuda::onnx::find_refusals(file))
    fmt::print("{}\t{}\t{}\t{}\t{}\n", op, node, line, reason, remedy);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 && argc != 3) {
    std::fprintf(stderr, "usage: onnx_rewrite IN [OUT]\n");
    return 2;
  }
  try {
    argc == 3 ? rewrite(argv[1], argv[2]) : list_refusals(argv[1]);
    return 0;
  } catch (const neurocuda::UserError& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 2;
  }
}
