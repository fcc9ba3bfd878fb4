// Whatever the bytes, onnx::parse either gives a valid graph that can be written and read again, or throws UserError.
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "neurocuda/base/error.hpp"
#include "neurocuda/onnx/onnx.hpp"
#include "support/random_graph.hpp"

namespace {

std::span<const std::uint8_t> as_bytes(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace neurocuda;
  std::string text;
  try {
    text = onnx::serialize(onnx::parse({data, size}, "fuzz"));
  } catch (const UserError&) {
    return 0;
  }
  ensure(onnx::serialize(onnx::parse(as_bytes(text), "again")) == text, "a written file reads back differently");
  return 0;
}

/// Small files: with large weights nearly all mutations would hit numbers.
std::vector<std::vector<std::uint8_t>> fuzz_seeds() {
  using namespace neurocuda;
  std::vector<std::vector<std::uint8_t>> seeds;
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    const std::string text = onnx::serialize(testing::random_graph(seed, seed % 2 == 1));
    seeds.emplace_back(text.begin(), text.end());
  }
  ir::Graph graph;
  ir::NodeId at = graph.add("x", ir::Input{{1, 4, 4}, {{0.5F}, {0.25F}}});
  at = graph.add("conv", ir::Conv2d{Tensor<float>({1, 1, 3, 3}, 0.1F), Tensor<float>({1}), {{3, 3}}, 1}, {at});
  at = graph.add("relu", ir::ReLU{}, {at});
  at = graph.add("pool", ir::AvgPool2d{{{2, 2}, {2, 2}}}, {at});
  at = graph.add("drop", ir::Dropout{}, {graph.add("flat", ir::Flatten{}, {at})});
  at = graph.add("fc", ir::Linear{Tensor<float>({2, 1}, 1.0F), {}}, {at});
  graph.add("y", ir::Output{}, {at});
  const std::string text = onnx::serialize(graph);
  seeds.emplace_back(text.begin(), text.end());
  return seeds;
}
