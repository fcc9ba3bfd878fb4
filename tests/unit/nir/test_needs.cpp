#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "neurocuda/base/file.hpp"
#include "neurocuda/nir/nir.hpp"
#include "nir/hdf5/tree_file.hpp"
#include "nir/native/native.hpp"
#include "nir/native/needs.hpp"
#include "support/expect_error.hpp"
#include "unit/nir/sample_program.hpp"

/// What is unpacked of a file: only what the network that it describes needs.
namespace neurocuda::nir {
namespace {

using native::needed_datasets;
using testing::expect_error;

Graph sample() { return native::graph_of(testing::sample_program(), "sample"); }

/// Every array of the sample that has more values than a small one.
std::set<std::string> all_paths(const Graph& graph) {
  std::set<std::string> paths;
  for (const Node& node : graph.nodes) {
    for (const auto& [name, array] : node.parameters.leaves) paths.insert("/node/nodes/" + node.name + "/" + name);
  }
  return paths;
}

Node& node_of(Graph& graph, const std::string& key) {
  for (Node& node : graph.nodes) {
    if (node.parameters.leaves.contains(key)) return node;
  }
  throw InternalError("no such node in the sample");
}

std::span<const std::uint8_t> bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

TEST(Needs, WhatTheSampleHolds) {
  const auto needed = needed_datasets(sample(), "sample");
  for (const std::string& path : all_paths(sample())) {
    for (const char* name : {"/weight", "/v_threshold", "/r", "/scale", "/threshold"}) {
      EXPECT_TRUE(!path.ends_with(name) || needed.contains(path)) << path;
    }
  }
}

TEST(Needs, NotWhatDoesNotFit) {
  Graph graph = sample();
  Node& layer = node_of(graph, "v_threshold");
  layer.parameters.leaves["r"].shape = {1 << 14, 1 << 14};
  layer.parameters.leaves["extra"].shape = {1 << 14, 1 << 14};
  const std::string path = "/node/nodes/" + layer.name + "/";
  const auto needed = needed_datasets(graph, "sample");
  EXPECT_TRUE(needed.contains(path + "v_threshold"));
  EXPECT_FALSE(needed.contains(path + "r"));
  EXPECT_FALSE(needed.contains(path + "extra"));
}

TEST(Needs, NothingOfALayerThatItsGroupsDoNotFill) {
  Graph graph = sample();
  Node& layer = node_of(graph, "v_threshold");
  for (const char* name : {"v_threshold", "r", "v_reset"}) {
    if (layer.parameters.leaves.contains(name)) layer.parameters.leaves[name].shape = {3, 1 << 13, 1 << 13};
  }
  for (const std::string& path : needed_datasets(graph, "sample"))
    EXPECT_EQ(path.find("/node/nodes/" + layer.name + "/"), std::string::npos) << path;
}

/// 64 MB of zeros, packed into less than 100 KB, in the place of a small array and beside it.
TEST(Needs, APackedArrayThatFitsNothingIsNotUnpacked) {
  const Shape large{16, 1 << 10, 1 << 10};
  const Array zeros{large, std::vector<float>(static_cast<std::size_t>(element_count(large)))};
  Graph beside = sample();
  node_of(beside, "v_threshold").parameters.leaves["unknown"] = zeros;
  const std::string unknown = hdf5::to_bytes(to_tree(beside), "beside");
  EXPECT_LT(unknown.size(), 1U << 19);
  EXPECT_EQ(parse(bytes_of(unknown), "beside"), testing::sample_program());

  Graph instead = sample();
  node_of(instead, "v_threshold").parameters.leaves["v_threshold"] = zeros;
  const std::string wrong = hdf5::to_bytes(to_tree(instead), "wrong.nir");
  expect_error<UserError>([&] { parse(bytes_of(wrong), "wrong.nir"); }, {"wrong.nir", "(16, 1024, 1024)"});
}

}  // namespace
}  // namespace neurocuda::nir
