#include <gtest/gtest.h>

#include "neurocuda/base/error.hpp"
#include "neurocuda/ir/analysis.hpp"
#include "neurocuda/passes/passes.hpp"
#include "neurocuda/training/architectures.hpp"

namespace neurocuda::training {
namespace {

TEST(Architectures, EveryOneIsValidAndConvertible) {
  for (const std::string& name : architecture_names()) {
    ArchitectureOptions options;
    if (name == "digits_resnet") options.image_shape = {1, 8, 8};
    const ir::Graph graph = build_architecture(name, options);
    EXPECT_NO_THROW(passes::require_convertible(graph)) << name;
    EXPECT_EQ(ir::infer_shapes(graph)[graph.output()], (Shape{10})) << name;
  }
}

// He et al. 2016, table 6: 0.27 M parameters and about 41 M multiply-accumulates; ours has 1x1 projections besides.
TEST(Architectures, ResNet20HasItsPublishedSize) {
  const ir::Graph graph = build_architecture("resnet20", {});
  EXPECT_NEAR(static_cast<double>(ir::parameter_count(graph)), 0.27e6, 0.01e6);
  EXPECT_NEAR(static_cast<double>(ir::dense_macs(graph)), 40.8e6, 0.6e6);
}

TEST(Architectures, ResNet18HasElevenMillionParameters) {
  const ir::Graph graph = build_architecture("resnet18", {});
  EXPECT_NEAR(static_cast<double>(ir::parameter_count(graph)), 11.17e6, 0.02e6);
  EXPECT_NEAR(static_cast<double>(ir::dense_macs(graph)), 0.556e9, 0.005e9);
}

TEST(Architectures, SmallVggHasAboutThreeHundredThousandParameters) {
  EXPECT_NEAR(static_cast<double>(ir::parameter_count(build_architecture("vgg_small", {}))), 300e3, 20e3);
}

TEST(Architectures, TheMlpTakesVectors) {
  ArchitectureOptions options;
  options.image_shape = {30, 1, 1};
  options.classes = 2;
  const ir::Graph graph = build_architecture("mlp", options);
  EXPECT_EQ(ir::infer_shapes(graph)[graph.output()], (Shape{2}));
  EXPECT_EQ(ir::dense_macs(graph), 30 * 256 + 256 * 128 + 128 * 2);
}

TEST(Architectures, TheSeedDecidesTheWeights) {
  ArchitectureOptions one, other;
  other.seed = 1;
  const auto weight = [](const ir::Graph& graph) { return graph.node(graph.find("stem")).as<ir::Conv2d>()->weight; };
  EXPECT_EQ(weight(build_architecture("resnet8", one)), weight(build_architecture("resnet8", one)));
  EXPECT_NE(weight(build_architecture("resnet8", one)), weight(build_architecture("resnet8", other)));
}

TEST(Architectures, RefusesUnknownNamesAndSmallImages) {
  EXPECT_THROW(build_architecture("resnet1001", {}), UserError);
  ArchitectureOptions options;
  options.image_shape = {3, 8, 8};
  EXPECT_THROW(build_architecture("vgg16", options), UserError);
}

}  // namespace
}  // namespace neurocuda::training
