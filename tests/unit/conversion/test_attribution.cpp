#include <gtest/gtest.h>

#include <cmath>

#include "neurocuda/compiler/compiler.hpp"
#include "neurocuda/conversion/attribution.hpp"
#include "neurocuda/conversion/calibrate.hpp"
#include "neurocuda/passes/passes.hpp"
#include "support/digits_run.hpp"

namespace neurocuda::conversion {
namespace {

class AttributionTest : public ::testing::Test {
 protected:
  std::vector<LayerAttribution> attribute(double percentile, int timesteps, int bits,
                                          program::Mode mode = program::Mode::synchronous) const {
    const auto folded = passes::fold_batch_norm(testing::trained_digits());
    const auto lambdas = activation_percentiles(folded, digits_.train, percentile, 200, {"cpu", 1, false});
    const auto spiking = passes::substitute_if(passes::substitute_qcfs(folded, lambdas, 8));
    compiler::LowerOptions lower;
    lower.timesteps = timesteps;
    lower.weight_bits = bits;
    auto program = compiler::lower(spiking, lower).program;
    program.mode = mode;
    return attribute_errors(testing::trained_digits(), spiking, program, data::head(digits_.train, 96),
                            {"cpu", 1, false});
  }
  const data::Splits digits_ = data::load_digits();
};

TEST_F(AttributionTest, NamesEveryLayerOnce) {
  const auto layers = attribute(99.9, 8, 8);
  ASSERT_EQ(layers.size(), 5U);
  EXPECT_EQ(layers[0].layer, "stem.relu");
}

TEST_F(AttributionTest, WithoutTrainingTheWeightsAreTheAnns) {
  for (const auto& layer : attribute(99.9, 8, 8)) EXPECT_LT(layer.training, 1e-5) << layer.layer;
}

TEST_F(AttributionTest, TheFirstLayerIsNeverUneven) {
  // Its current is constant: spikes come as regularly as they can, and T levels are reached exactly.
  EXPECT_LT(attribute(99.9, 8, 8)[0].unevenness, 1e-6);
}

TEST_F(AttributionTest, NothingIsUnevenInTheExactMode) {
  const auto exact = attribute(99.9, 4, 8, program::Mode::exact), synchronous = attribute(99.9, 4, 8);
  for (std::size_t i = 0; i < exact.size(); ++i) {
    EXPECT_EQ(exact[i].unevenness, 0) << exact[i].layer;
    EXPECT_EQ(exact[i].quantisation, synchronous[i].quantisation) << exact[i].layer;
  }
}

TEST_F(AttributionTest, EveryKnobMovesItsPart) {
  const auto usual = attribute(99.9, 8, 8);
  const auto clipped = attribute(90, 8, 8), coarse = attribute(99.9, 2, 8), rounded = attribute(99.9, 8, 3);
  for (std::size_t i = 0; i < usual.size(); ++i) {
    EXPECT_GT(clipped[i].clipping, 2 * usual[i].clipping) << usual[i].layer;
    EXPECT_GT(coarse[i].quantisation, 2 * usual[i].quantisation) << usual[i].layer;
    EXPECT_GT(rounded[i].rounding, 2 * usual[i].rounding) << usual[i].layer;
  }
  EXPECT_GT(attribute(99.9, 8, 8).back().unevenness, attribute(99.9, 64, 8).back().unevenness);
}

TEST_F(AttributionTest, NamesTheLargestPart) {
  EXPECT_EQ(largest_error(attribute(70, 256, 8)).part, "clipping");
  EXPECT_EQ(largest_error({{"a", 9, 0.1, 0.2, 0.4, 0.3}}).part, "unevenness");
  EXPECT_NEAR(largest_error({{"a", 0, 0, 0.3, 0, 0}, {"b", 0, 0, 0.4, 0, 0}}).error, 0.25 * std::sqrt(2.0), 1e-9);
}

}  // namespace
}  // namespace neurocuda::conversion
