#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "neurocuda/base/error.hpp"
#include "neurocuda/base/file.hpp"
#include "neurocuda/nir/nir.hpp"
#include "nir/hdf5/tree_file.hpp"
#include "sample_program.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

namespace neurocuda::nir {
namespace {

using testing::expect_error;

std::vector<std::uint8_t> file_of(const program::Program& program) {
  const testing::TemporaryFolder folder;
  write(program, folder / "snn.nir");
  return read_file(folder / "snn.nir", 1 << 24);
}

// A file with one thing wrong: the sample's tree, edited, written by the HDF5 layer. Every case names what is wrong.
class MalformedNir : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { sample_ = hdf5::read_tree(file_of(testing::sample_program()), "sample"); }

  using Edit = std::function<void(Tree& graph)>;
  void refused(const Edit& edit, std::vector<std::string> parts) {
    Tree tree = sample_;
    edit(tree.branches["node"]);
    write_file(folder_ / "bad.nir", hdf5::to_bytes(tree, "bad.nir"));
    parts.push_back((folder_ / "bad.nir").string());
    expect_error<UserError>([&] { read(folder_ / "bad.nir"); }, parts);
  }
  static Tree& node(Tree& graph, const std::string& name) { return graph.branches["nodes"].branches.at(name); }
  static Tree& own(Tree& tree) { return tree.branches.at("metadata").branches.at("neurocuda"); }
  static float& number(Tree& graph, const std::string& name, const std::string& key, std::size_t at) {
    return std::get<std::vector<float>>(node(graph, name).leaves.at(key).values).at(at);
  }
  static std::int64_t& integer(Tree& tree, const std::string& key, std::size_t at = 0) {
    return std::get<std::vector<std::int64_t>>(tree.leaves.at(key).values).at(at);
  }
  static std::string& text(Tree& tree, const std::string& key, std::size_t at = 0) {
    return std::get<std::vector<std::string>>(tree.leaves.at(key).values).at(at);
  }

  static inline Tree sample_;
  testing::TemporaryFolder folder_;
};

TEST_F(MalformedNir, NothingWrongIsRead) {
  write_file(folder_ / "good.nir", hdf5::to_bytes(sample_, "good.nir"));
  EXPECT_EQ(read(folder_ / "good.nir"), testing::sample_program());
}

TEST_F(MalformedNir, Weights) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  refused([&](Tree& g) { number(g, "layer1_0_conv1", "weight", 5) = nan; }, {"layer1_0_conv1", "weight", "[5]", "nan"});
  refused([](Tree& g) { number(g, "layer1_0_conv1", "weight", 0) = INFINITY; }, {"layer1_0_conv1", "weight", "inf"});
  refused([](Tree& g) { number(g, "fc", "weight", 2) = 0.5F; }, {"fc", "weight", "[2]", "0.5", "whole"});
  refused([](Tree& g) { number(g, "fc", "weight", 2) = 1e6F; }, {"fc", "weight", "1000000", "127"});
  refused([](Tree& g) { number(g, "layer1_0_skip", "scale", 1) += 128; }, {"layer1_0_skip", "scale", "[1]"});
  refused([](Tree& g) { number(g, "training_2", "weight", 1) = 4; }, {"training_2", "diagonal"});
  refused([](Tree& g) { node(g, "fc").leaves["weight"].shape = {96}; }, {"fc", "weight", "(96,)"});
  refused([](Tree& g) { node(g, "fc").leaves.erase("weight"); }, {"fc", "weight", "missing"});
  refused([](Tree& g) { node(g, "fc").leaves["weight"] = Array::scalar(std::string("none")); }, {"fc", "weight"});
}

TEST_F(MalformedNir, Biases) {
  refused([](Tree& g) { number(g, "head", "bias", 0) = 0.25F; }, {"head", "bias", "0.25"});
  refused([](Tree& g) { number(g, "head", "bias", 0) = 3e9F; }, {"head", "bias", "3000000000"});
  refused([](Tree& g) { node(g, "head").leaves["bias"] = {{1}, std::vector<float>{1}}; }, {"head", "bias", "1 values"});
}

TEST_F(MalformedNir, Shifts) {
  refused([](Tree& g) { integer(own(node(g, "fc")), "shift", 3) = 8; }, {"fc", "shift", "[3] is 8", "0..7"});
  refused([](Tree& g) { own(node(g, "fc")).leaves["shift"] = {{1}, std::vector<std::int64_t>{0}}; }, {"fc", "weight"});
  refused([](Tree& g) { own(node(g, "fc")).leaves.erase("shift"); }, {"fc", "shift", "missing"});
}

TEST_F(MalformedNir, Neurons) {
  refused([](Tree& g) { number(g, "layer1_0_relu", "v_threshold", 1) += 2; }, {"layer1_0_relu", "v_threshold", "[1]"});
  refused(
      [](Tree& g) {
        for (int i = 0; i < 48; ++i) number(g, "layer1_0_relu", "v_threshold", i) = 3;
      },
      {"layer1.0.relu", "3", "even"});
  refused([](Tree& g) { number(g, "layer1_0_relu", "r", 7) = 2; }, {"layer1_0_relu", "r", "2"});
  refused([](Tree& g) { own(node(g, "layer1_0_relu")).leaves.erase("v0"); }, {"layer1_0_relu", "v0", "missing"});
  refused([](Tree& g) { integer(own(node(g, "layer1_0_relu")), "v0") = 1LL << 31; }, {"v0", "2147483648"});
  refused([](Tree& g) { own(node(g, "layer1_0_relu")).leaves["scale"] = Array::scalar(NAN); }, {"scale", "nan"});
  refused(
      [](Tree& g) {
        auto& leaves = node(g, "layer1_0_relu").leaves;
        leaves["v_reset"] = leaves["r"];
      },
      {"layer1_0_relu", "v_reset", "1"});
  refused([](Tree& g) { number(g, "max", "threshold", 0) = 1.5F; }, {"max", "threshold", "1.5"});
}

TEST_F(MalformedNir, Geometry) {
  refused([](Tree& g) { integer(node(g, "layer1_0_conv1"), "input_shape") = 5; },
          {"layer1_0_conv1", "input_shape", "5x8"});
  refused([](Tree& g) { integer(node(g, "layer1_0_conv1"), "stride") = 0; }, {"layer1_0_conv1", "stride", "is 0"});
  refused([](Tree& g) { integer(node(g, "layer1_0_conv1"), "stride") = 2; }, {"layer1.0.conv1"});
  refused([](Tree& g) { integer(node(g, "layer1_0_conv2"), "groups") = 3; }, {"layer1.0.conv2"});
  refused([](Tree& g) { integer(node(g, "training_2"), "stride") = 2; }, {"training_2", "stride"});
  refused([](Tree& g) { integer(node(g, "avg"), "kernel_size") = 4096; }, {"avg"});
  refused([](Tree& g) { integer(node(g, "avg_flatten"), "start_dim") = 1; }, {"avg_flatten", "start_dim"});
  refused([](Tree& g) { integer(node(g, "input"), "shape") = 0; }, {"input", "shape", "is 0"});
  refused([](Tree& g) { integer(node(g, "input"), "shape") = 2147483647; }, {"images"});
  refused([](Tree& g) { integer(node(g, "output"), "shape") = 2147483647; }, {"logits", "2147483647"});
}

TEST_F(MalformedNir, Roles) {
  refused([](Tree& g) { text(own(node(g, "fc")), "kind") = "magic"; }, {"fc", "kind", "magic"});
  refused([](Tree& g) { text(own(node(g, "max")), "kind") = "if_layer"; }, {"max_sum", "or_sum", "if_layer"});
  refused([](Tree& g) { node(g, "fc").branches.erase("metadata"); }, {"fc", "kind", "missing"});
  refused([](Tree& g) { text(node(g, "fc"), "type") = "LIF"; }, {"fc", "LIF"});
  refused([](Tree& g) { integer(own(node(g, "max")), "index") = 1; }, {"max", "index 1"});
  refused([](Tree& g) { integer(own(node(g, "max")), "index") = 99; }, {"max", "index", "99"});
  refused([](Tree& g) { integer(own(node(g, "fc")), "position") = 1; }, {"position 1"});
  refused([](Tree& g) { std::swap(integer(own(node(g, "max")), "index"), integer(own(node(g, "avg")), "index")); },
          {"larger index"});
}

TEST_F(MalformedNir, Edges) {
  refused([](Tree& g) { text(g, "edges", 1) = "nowhere"; }, {"nowhere"});
  refused([](Tree& g) { text(g, "edges", 2) = text(g, "edges", 0), text(g, "edges", 3) = text(g, "edges", 1); },
          {"twice"});
  refused([](Tree& g) { g.leaves["edges"] = {{0}, std::vector<double>{}}; }, {"leads"});
  refused([](Tree& g) { g.leaves.erase("edges"); }, {"edges", "missing"});
  refused([](Tree& g) { g.leaves["edges"].shape = {g.leaves["edges"].shape[0] * 2}; }, {"edges", "pairs"});
}

TEST_F(MalformedNir, Header) {
  refused([](Tree& g) { g.branches.erase("metadata"); }, {"NeuroCUDA did not write", "neurocuda convert"});
  refused([](Tree& g) { integer(own(g), "format_version") = 3; },
          {"format_version", "3", "1 to 2", "update NeuroCUDA"});
  refused([](Tree& g) { integer(own(g), "format_version") = 0; }, {"format_version", "0", "damaged"});
  refused([](Tree& g) { text(own(g), "reset") = "zero"; }, {"reset", "zero", "subtract"});
  refused([](Tree& g) { text(own(g), "comparator") = "gt"; }, {"comparator", "gt"});
  refused([](Tree& g) { integer(own(g), "timesteps") = 100000; }, {"timesteps", "100000"});
  refused([](Tree& g) { text(own(node(g, "input")), "encoding") = "rate"; }, {"encoding", "rate"});
  refused([](Tree& g) { integer(own(node(g, "input")), "bits") = 9; }, {"bits", "9"});
  refused([](Tree& g) { text(g, "type") = "Input"; }, {"type", "Input", "NIRGraph"});
  refused([](Tree& g) { g = {}; }, {"type", "missing"});
  refused(
      [](Tree& g) {
        g.branches.at("nodes") = {};
        g.leaves["edges"] = {{0}, std::vector<double>{}};
      },
      {"0 nodes"});
}

TEST_F(MalformedNir, GraphFieldsOfVersion2) {
  const auto with = [](const char* key, Array value) { return [key, value](Tree& g) { own(g).leaves[key] = value; }; };
  refused(with("mode", Array::scalar(std::string("fast"))), {"mode", "'fast'", "synchronous or exact"});
  refused(with("mode", Array::scalar(std::int64_t{1})), {"mode", "text is wanted"});
  refused(with("settings", Array::scalar(std::string("[1]"))), {"settings", "JSON object"});
  refused(with("settings", Array::scalar(std::string())), {"settings", "JSON object"});
  refused(with("settings", Array::scalar(1.5)), {"settings", "text is wanted"});
  refused(with("settings", {{2}, std::vector<std::string>{"{}", "{}"}}), {"settings", "2 values"});
  refused(with("made_by", Array::scalar(std::string("a\nb"))), {"made it", "printable"});
  refused(with("made_by", Array::scalar(std::string(201, 'a'))), {"made it", "200"});
  refused([](Tree& g) { own(g).branches["settings"].leaves["a"] = Array::scalar(1.0); }, {"settings", "is a group"});
}

TEST_F(MalformedNir, NodeFieldsOfVersion2) {
  const auto with = [](const char* name, const char* key, Array value) {
    return [name, key, value](Tree& g) { own(node(g, name)).leaves[key] = value; };
  };
  const char* layer = "layer1_0_relu";  // four channels
  refused(with(layer, "neuron", Array::scalar(std::string("lif"))), {layer, "neuron", "'lif'", "plain or signed"});
  refused(with(layer, "neuron", Array::scalar(std::int64_t{0})), {layer, "neuron", "text is wanted"});
  refused(with(layer, "density", Array::scalar(2.0)), {"layer1.0.relu", "density 2"});
  refused(with(layer, "density", Array::scalar(-0.1)), {"layer1.0.relu", "density -0.1"});
  refused(with(layer, "density", Array::scalar(NAN)), {layer, "density", "nan"});
  refused(with(layer, "density", {{2}, std::vector<double>{0, 0}}), {layer, "density", "2 values"});
  refused(with(layer, "bias_by_timestep", {{4}, std::vector<std::int64_t>(4)}), {layer, "bias_by_timestep", "(4,)"});
  refused(with(layer, "bias_by_timestep", {{0, 4}, std::vector<std::int64_t>()}), {layer, "bias_by_timestep"});
  refused(with(layer, "bias_by_timestep", {{4, 2}, std::vector<std::int64_t>(8)}), {"layer1.0.relu", "(4, 2)"});
  refused(with(layer, "bias_by_timestep", {{4097, 4}, std::vector<std::int64_t>(4 * 4097)}), {"(4097, 4)", "4096"});
  refused(with(layer, "bias_by_timestep", {{1, 4}, std::vector<std::int64_t>(4, 1LL << 31)}), {"2147483648"});
  refused(with(layer, "bias_by_timestep", {{1, 4}, std::vector<float>(4, 0.5F)}), {layer, "0.5", "whole"});
  refused(with(layer, "bias_by_timestep", {{1, 4}, std::vector<std::int64_t>(4, 5001)}), {"layer1.0.relu", "mean"});
  refused(with("output", "bias_by_timestep", {{1, 3}, std::vector<std::int64_t>(3, 5001)}), {"logits", "mean"});
  refused(with("max", "rule", Array::scalar(std::string("average"))), {"max", "rule", "'average'"});
  refused(with("max", "takes_minimum", {{4}, std::vector<std::int64_t>(4)}), {"'max'", "not an OR"});
  refused(with("max", "takes_minimum", {{4}, std::vector<std::int64_t>(4, 2)}), {"max", "takes_minimum", "0..1"});
  refused(
      [](Tree& g) {
        own(node(g, "max")).leaves["rule"] = Array::scalar(std::string("maximum_of_counts"));
        own(node(g, "max")).leaves["takes_minimum"] = {{3}, std::vector<std::int64_t>(3)};
      },
      {"'max'", "3 choices"});
  // The OR pool reads the layer "if".
  refused(with("if_2", "neuron", Array::scalar(std::string("signed"))), {"'max'", "OR of signed spikes"});
  refused([&](Tree& g) { own(node(g, layer)).branches["neuron"]; }, {layer, "neuron", "is a group"});
}

TEST(TruncatedNir, EveryLengthIsRefused) {
  const auto bytes = file_of(testing::tiny_program());
  for (std::size_t length = 0; length < bytes.size(); length += 64) {
    expect_error<UserError>([&] { parse(std::span(bytes).first(length), "cut.nir"); }, {"cut.nir"});
  }
}

TEST(DamagedNir, AnyByteMayBeWrong) {
  const auto bytes = file_of(testing::tiny_program());
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    auto damaged = bytes;
    damaged[at] ^= 0xFF;
    try {
      parse(damaged, "damaged.nir");
    } catch (const UserError&) {
      // Padding may be anything; everything else must end here and not elsewhere.
    }
  }
}

}  // namespace
}  // namespace neurocuda::nir
