#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "neurocuda/base/file.hpp"
#include "neurocuda/onnx/onnx.hpp"
#include "support/evaluate.hpp"
#include "support/expect_error.hpp"
#include "support/random_graph.hpp"
#include "unit/onnx/model_under_test.hpp"
#include "unit/onnx/same_graph.hpp"

namespace neurocuda {
namespace {

namespace fs = std::filesystem;
using testing::expect_error;
using testing::expect_same_graph;
using testing::ModelUnderTest;

ir::Graph again(const ir::Graph& graph) { return ModelUnderTest::parse_bytes(onnx::serialize(graph)); }

/// A fresh folder, removed at the end.
class Folder {
 public:
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "neurocuda-onnx-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~Folder() { fs::remove_all(path_); }
  fs::path operator/(const std::string& name) const { return path_ / name; }
  std::ptrdiff_t files() const { return std::distance(fs::directory_iterator(path_), fs::directory_iterator()); }

 private:
  fs::path path_;
};

TEST(OnnxRoundTrip, RandomGraphsComeBackEqual) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE(seed);
    const ir::Graph graph = testing::random_graph(seed, seed % 2 == 0);
    expect_same_graph(graph, again(graph));
  }
}

/// Every operator that ONNX has, with attributes that differ from their defaults and between the axes.
ir::Graph every_operator() {
  Random random(7);
  const auto tensor = [&](Shape shape) { return testing::random_tensor(random, std::move(shape), 0.1, 1.0); };
  ir::Graph graph;
  graph.name = "every operator";
  ir::NodeId at = graph.add("pixels", ir::Input{{4, 17, 23}, {{0.1F, 0.2F, 0.3F, 1.0F / 3.0F}, {1e-7F, 1, 2, 3}}});
  const Window window{{3, 5}, {2, 1}, {0, 3}, {1, 2}};
  at = graph.add("conv/1", ir::Conv2d{tensor({6, 2, 3, 5}), tensor({6}), window, 2}, {at});
  at = graph.add("bn", ir::BatchNorm2d{tensor({6}), tensor({6}), tensor({6}), tensor({6}), 2e-3F}, {at});
  at = graph.add("relu", ir::ReLU{}, {at});
  at = graph.add("qcfs", ir::QCFS{tensor({6}), 5}, {at});
  at = graph.add("twice", ir::Add{}, {at, at});
  at = graph.add("avg", ir::AvgPool2d{{{2, 3}, {1, 2}, {1, 0}, {1, 1}}}, {at});
  at = graph.add("max", ir::MaxPool2d{{{3, 2}, {2, 1}, {1, 1}, {1, 1}}}, {at});
  const ir::NodeId some = graph.add("some", ir::Slice{1, 3}, {at});
  at = graph.add("all", ir::Concat{3}, {at, some, at});
  at = graph.add("bn2", ir::BatchNorm2d{tensor({15}), tensor({15}), tensor({15}), tensor({15}), 0}, {at});
  at = graph.add("relu6", ir::ReLU{6}, {at});
  at = graph.add("max2", ir::MaxPool2d{{{2, 2}, {2, 2}, {0, 0}, {1, 1}, true}}, {at});
  at = graph.add("same", ir::Identity{}, {at});
  at = graph.add("drop", ir::Dropout{0.3F}, {at});
  at = graph.add("mean", ir::GlobalAvgPool{}, {at});
  at = graph.add("flat", ir::Flatten{}, {at});
  at = graph.add("fc", ir::Linear{tensor({5, 15}), {}}, {at});
  at = graph.add("bn1d", ir::BatchNorm2d{tensor({5}), tensor({5}), tensor({5}), tensor({5}), 1e-5F}, {at});
  at = graph.add("qcfs1d", ir::QCFS{tensor({5}), 8}, {at});
  graph.add("logits", ir::Output{}, {at});
  return graph;
}

TEST(OnnxRoundTrip, EveryOperatorComesBackEqual) { expect_same_graph(every_operator(), again(every_operator())); }

/// ONNX has no minimum under a window: it is written as three nodes, which compute the same.
TEST(OnnxRoundTrip, MinimaOfMaxPoolsComeBackAsTheSameFunction) {
  ir::Graph graph;
  const ir::NodeId input = graph.add("pixels", ir::Input{{3, 5, 6}, {}});
  const ir::NodeId pool = graph.add("max", ir::MaxPool2d{{{2, 3}, {1, 2}, {1, 0}}, {1, 0, 1}}, {input});
  const ir::NodeId flat = graph.add("flat", ir::Flatten{}, {pool});
  graph.add("logits", ir::Output{}, {flat});
  const testing::Values image = testing::random_image(graph, 3);
  const testing::Values expected = testing::evaluate(graph, image);
  const testing::Values found = testing::evaluate(again(graph), image);
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-6) << i;
}

TEST(OnnxRoundTrip, NamesOfParametersGiveWayToNamesOfNodes) {
  ir::Graph graph;
  const ir::NodeId input = graph.add("fc.weight", ir::Input{{2}, {}});
  const ir::NodeId fc = graph.add("fc", ir::Linear{Tensor<float>({2, 2}, 1.0F), {}}, {input});
  graph.add("fc.weight_2", ir::Output{}, {fc});
  expect_same_graph(graph, again(graph));
}

TEST(OnnxRoundTrip, AnOutputThatReadsTheInputGetsAnIdentity) {
  ir::Graph graph;
  graph.add("y", ir::Output{}, {graph.add("x", ir::Input{{3}, {}})});
  EXPECT_EQ(testing::operators(again(graph)), (std::vector<std::string>{"Input", "Identity", "Output"}));
}

TEST(OnnxWrite, SameGraphSameBytes) {
  const Folder folder;
  const ir::Graph graph = testing::random_graph(3, true);
  onnx::write(graph, folder / "a.onnx");
  onnx::write(again(graph), folder / "b.onnx");
  const auto bytes = read_file(folder / "a.onnx", 1 << 20);
  EXPECT_EQ(bytes, read_file(folder / "b.onnx", 1 << 20));
  const std::string text = onnx::serialize(graph);
  EXPECT_EQ(std::string(bytes.begin(), bytes.end()), text);
  EXPECT_EQ(folder.files(), 2);
}

TEST(OnnxWrite, FileSaysOpset13AndLeavesTheBatchOpen) {
  testing::proto::ModelProto model;
  ASSERT_TRUE(model.ParseFromString(onnx::serialize(every_operator())));
  EXPECT_EQ(model.ir_version(), 8);  // for the function that QCFS is; 7 without
  EXPECT_EQ(model.opset_import(0).version(), 13);
  EXPECT_EQ(model.graph().input(0).name(), "pixels");
  EXPECT_EQ(model.graph().output(0).name(), "logits");
  const auto& shape = model.graph().input(0).type().tensor_type().shape();
  EXPECT_EQ(shape.dim(0).dim_param(), "N");
  EXPECT_EQ(shape.dim(3).dim_value(), 23);
  EXPECT_EQ(model.graph().output(0).type().tensor_type().shape().dim(1).dim_value(), 5);
}

TEST(OnnxWrite, RefusesSpikingOperatorsAndLeavesNoFile) {
  const Folder folder;
  ir::Graph graph;
  const ir::NodeId spikes = graph.add("neurons", ir::IF{Tensor<float>({3}, 1.0F), Tensor<float>({3}, 0.5F)},
                                      {graph.add("x", ir::Input{{3}, {}})});
  graph.add("y", ir::Output{}, {spikes});
  expect_error<UnsupportedOperator>([&] { onnx::write(graph, folder / "snn.onnx"); }, {"IF", "'neurons'", ".nir"});
  EXPECT_EQ(folder.files(), 0);
}

TEST(OnnxWrite, RefusesWhatIsNotValid) {
  const Folder folder;
  ir::Graph graph;
  const ir::NodeId fc =
      graph.add("fc", ir::Linear{Tensor<float>({2, 9}, 1.0F), {}}, {graph.add("x", ir::Input{{3}, {}})});
  graph.add("y", ir::Output{}, {fc});
  expect_error<UserError>([&] { onnx::write(graph, folder / "bad.onnx"); }, {"'fc'"});
  expect_error<UserError>([&] { onnx::write(every_operator(), folder / "no/such/folder.onnx"); }, {"folder.onnx"});
  EXPECT_EQ(folder.files(), 0);
}

TEST(OnnxRead, FilesThatAreNotThereOrCut) {
  const Folder folder;
  expect_error<UserError>([&] { onnx::read(folder / "none.onnx"); }, {"none.onnx", "no such file"});
  onnx::write(every_operator(), folder / "whole.onnx");
  expect_same_graph(every_operator(), onnx::read(folder / "whole.onnx"));
  const auto size = fs::file_size(folder / "whole.onnx");
  fs::resize_file(folder / "whole.onnx", size / 2);
  expect_error<UserError>([&] { onnx::read(folder / "whole.onnx"); }, {"whole.onnx", "truncated"});
  fs::resize_file(folder / "whole.onnx", (std::uintmax_t{512} << 20) + 1);  // sparse: takes no room
  expect_error<UserError>([&] { onnx::read(folder / "whole.onnx"); }, {"whole.onnx", "536870913 bytes"});
}

}  // namespace
}  // namespace neurocuda
