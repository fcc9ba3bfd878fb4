#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "neurocuda/passes/passes.hpp"
#include "support/expect_error.hpp"
#include "support/random_graph.hpp"

namespace neurocuda::passes {
namespace {

using ir::Graph;
using neurocuda::testing::expect_error;
using neurocuda::testing::random_graph;
using ::testing::HasSubstr;

ir::Conv2d conv(std::int64_t inputs) {
  return {Tensor<float>({4, inputs, 3, 3}, 0.1F), {}, {.kernel = {3, 3}, .padding = {1, 1}}, 1};
}
ir::BatchNorm2d batch_norm() {
  const Tensor<float> ones({4}, 1.0F);
  return {ones, ones, ones, ones};
}

/// Finishes a network whose node `last` is (4, 8, 8) spikes.
void classify(Graph& graph, ir::NodeId last) {
  const ir::NodeId global = graph.add("global", ir::GlobalAvgPool{}, {last});
  const ir::NodeId flat = graph.add("flat", ir::Flatten{}, {global});
  const ir::NodeId fc = graph.add("fc", ir::Linear{Tensor<float>({10, 4}, 0.1F), {}}, {flat});
  graph.add("output", ir::Output{}, {fc});
}

const Finding& finding(const std::vector<Finding>& findings, const std::string& node) {
  for (const Finding& found : findings) {
    if (found.node == node) return found;
  }
  throw InternalError("no finding for " + node);
}

std::set<std::string> refused(const std::vector<Finding>& findings) {
  std::set<std::string> names;
  for (const Finding& found : findings) {
    if (found.verdict == Verdict::refused) names.insert(found.node);
  }
  return names;
}

/// conv-bn-relu, then a residual block with a max pool.
Graph residual() {
  Graph graph;
  graph.add("input", ir::Input{{3, 16, 16}, {}});
  graph.add("conv1", conv(3), {0});
  graph.add("bn1", batch_norm(), {1});
  graph.add("relu1", ir::ReLU{}, {2});
  graph.add("pool", ir::MaxPool2d{{.kernel = {2, 2}, .stride = {2, 2}}}, {3});
  graph.add("conv2", conv(4), {4});
  graph.add("bn2", batch_norm(), {5});
  graph.add("add", ir::Add{}, {6, 4});
  graph.add("relu2", ir::ReLU{}, {7});
  classify(graph, 8);
  return graph;
}

/// As networks with pre-activation blocks have it: the sum goes on beside the activation.
Graph pre_activation() {
  Graph graph;
  graph.add("input", ir::Input{{3, 8, 8}, {}});
  graph.add("stem", conv(3), {0});
  graph.add("bn", batch_norm(), {1});
  graph.add("relu", ir::ReLU{}, {2});
  graph.add("conv", conv(4), {3});
  graph.add("stream", ir::Add{}, {4, 1});
  graph.add("last_bn", batch_norm(), {5});
  graph.add("last_relu", ir::ReLU{}, {6});
  classify(graph, 7);
  return graph;
}

TEST(Diagnose, JudgesEveryNodeOfAnAnn) {
  const Graph graph = residual();
  const auto findings = diagnose(graph);
  ASSERT_EQ(findings.size(), graph.size());
  for (ir::NodeId id = 0; id < graph.size(); ++id) {
    EXPECT_EQ(findings[id].node, graph.node(id).name);
    EXPECT_EQ(findings[id].op, operator_name(graph.node(id).op));
    EXPECT_FALSE(findings[id].reason.empty()) << findings[id].node;
    EXPECT_EQ(findings[id].remedy.empty(), findings[id].verdict == Verdict::exact) << findings[id].node;
  }
  EXPECT_EQ(finding(findings, "conv1").verdict, Verdict::exact);
  EXPECT_EQ(finding(findings, "relu1").verdict, Verdict::approximate);
  EXPECT_EQ(finding(findings, "pool").verdict, Verdict::exact);
  EXPECT_THAT(finding(findings, "pool").reason, HasSubstr("largest count"));
  EXPECT_EQ(finding(findings, "bn2").reason, "folded into Conv2d 'conv2'");
  EXPECT_NO_THROW(require_convertible(graph));
}

TEST(Diagnose, IfNeuronsAreExact) {
  const Tensor<float> ones({4}, 1.0F);
  const Graph qcfs = substitute_qcfs(fold_batch_norm(residual()), {{"relu1", ones}, {"relu2", ones}}, 4);
  EXPECT_EQ(finding(diagnose(qcfs), "relu1").verdict, Verdict::approximate);
  EXPECT_EQ(finding(diagnose(substitute_if(qcfs)), "relu1").verdict, Verdict::exact);
}

TEST(Diagnose, AcceptsPreActivationStreams) {
  const Graph graph = pre_activation();
  EXPECT_EQ(refused(diagnose(graph)), std::set<std::string>{});
  EXPECT_NO_THROW(require_convertible(graph));
}

Graph without_relu() {
  Graph graph;
  graph.add("input", ir::Input{{3, 8, 8}, {}});
  graph.add("conv1", conv(3), {0});
  graph.add("bottleneck", conv(4), {1});
  graph.add("relu1", ir::ReLU{}, {2});
  graph.add("output", ir::Output{}, {3});
  return graph;
}

TEST(Diagnose, NamesEveryRefusalAtOnce) {
  const auto findings = diagnose(without_relu());
  EXPECT_EQ(refused(findings), (std::set<std::string>{"bottleneck", "output"}));
  EXPECT_THAT(finding(findings, "bottleneck").reason, HasSubstr("zero padding"));
  EXPECT_THAT(finding(findings, "output").reason, HasSubstr("(4, 8, 8)"));
}

TEST(Diagnose, AcceptsRandomNetworks) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    EXPECT_NO_THROW(require_convertible(random_graph(seed, seed % 2 == 0))) << "seed " << seed;
  }
}

TEST(RequireConvertible, ThrowsTheFirstRefusal) {
  expect_error<ConversionError>([] { require_convertible(without_relu()); },
                                {"Conv2d 'bottleneck': ", "zero padding", "; put a ReLU"});
}

}  // namespace
}  // namespace neurocuda::passes
