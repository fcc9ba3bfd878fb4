// Whatever the bytes, nir::parse either gives a valid Program that comes back from its own graph, or throws UserError.
#include <cstdint>
#include <span>
#include <vector>

#include "neurocuda/base/error.hpp"
#include "neurocuda/base/file.hpp"
#include "neurocuda/nir/nir.hpp"
#include "nir/native/native.hpp"
#include "support/format_fields.hpp"
#include "support/temporary_folder.hpp"

std::vector<std::vector<std::uint8_t>> fuzz_seeds();

namespace {

using namespace neurocuda;
using namespace neurocuda::program;

Window window(std::int64_t kernel, std::int64_t stride, std::int64_t padding) {
  return {{kernel, kernel}, {stride, stride}, {padding, padding}, {1, 1}};
}

IfLayer layer(std::vector<SynapseGroup> groups, std::int64_t channels) {
  const auto count = static_cast<std::size_t>(channels);
  return {std::move(groups), std::vector<std::int32_t>(count, 7), std::vector<std::int32_t>(count, 90),
          std::vector<std::int32_t>(count, 45), std::vector<double>(count, 0.01)};
}

// Every primitive once, and weights large enough to be chunked and gzipped.
Program residual() {
  Program program;
  program.nodes.push_back({"input", {2, 4, 4}, InputNode{{}, 8, {0.1, 0.1}, {0.5F, 0.5F}, {0.2F, 0.2F}}});
  const Conv first{Tensor<std::int8_t>({8, 2, 3, 3}, 3), window(3, 1, 1), 1};
  program.nodes.push_back({"relu1", {8, 4, 4}, layer({{"conv1", 0, first, std::vector<std::uint8_t>(8, 0)}}, 8)});
  const Conv second{Tensor<std::int8_t>({8, 8, 3, 3}, -2), window(3, 1, 1), 1};
  const Diagonal skip{Tensor<std::int8_t>({8}, 9)};
  program.nodes.push_back({"relu2",
                           {8, 4, 4},
                           layer({{"conv2", 1, second, std::vector<std::uint8_t>(8, 1)},
                                  {"skip", 1, skip, std::vector<std::uint8_t>(8, 2)}},
                                 8)});
  program.nodes.push_back({"max", {8, 2, 2}, OrPool{2, window(2, 2, 0)}});
  program.nodes.push_back({"avg", {8, 1, 1}, SumPool{3, window(2, 2, 0)}});
  const Linear head{Tensor<std::int8_t>({3, 8}, 1)};
  program.nodes.push_back({"logits", {3}, Accumulator{{{"fc", 4, head, {0, 0, 0}}}, {1, 2, 3}, 0.5}});
  return program;
}

Program tiny() {
  Program program;
  program.nodes.push_back({"input", {2}, InputNode{InputEncoding::spike_train, 8, {1, 1}, {}, {}}});
  const Linear head{Tensor<std::int8_t>({2, 2}, 1)};
  program.nodes.push_back({"logits", {2}, Accumulator{{{"fc", 0, head, {0, 0}}}, {0, 0}, 1.0}});
  return program;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Program program;
  nir::Graph graph;
  try {
    program = nir::parse(std::span(data, size), "fuzz");
    graph = nir::native::graph_of(program, "fuzz");  // refuses names that are not UTF-8, which HDF5 lets pass
  } catch (const UserError&) {
    return 0;  // what malformed input is answered with
  }
  const nir::Graph again = nir::graph_from(nir::to_tree(graph), "again");
  ensure(nir::native::program_of(again, "again") == program, "a written file reads back differently");
  return 0;
}

std::vector<std::vector<std::uint8_t>> fuzz_seeds() {
  const neurocuda::testing::TemporaryFolder folder;
  std::vector<std::vector<std::uint8_t>> seeds;
  for (const Program& program :
       {tiny(), residual(), testing::with_format_fields(tiny(), 1), testing::with_format_fields(residual(), 2)}) {
    neurocuda::nir::write(program, folder / "seed.nir");
    seeds.push_back(neurocuda::read_file(folder / "seed.nir", 1 << 20));
    neurocuda::nir::parse(seeds.back(), "seed");  // a seed that is refused would fuzz nothing
  }
  return seeds;
}
