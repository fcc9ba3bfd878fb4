#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "conversion/calibration/insert_batch_norms.hpp"
#include "neurocuda/network/evaluate.hpp"
#include "neurocuda/passes/passes.hpp"
#include "support/digits_run.hpp"

namespace neurocuda::conversion {
namespace {

class InsertBatchNorms : public ::testing::Test {
 protected:
  static std::int64_t norms(const ir::Graph& graph) {
    return std::count_if(graph.nodes().begin(), graph.nodes().end(),
                         [](const ir::Node& node) { return node.as<ir::BatchNorm2d>() != nullptr; });
  }
  const data::Splits digits_ = data::load_digits();
  const ir::Graph ann_ = testing::trained_digits();
  const ir::Graph folded_ = passes::fold_batch_norm(ann_);
  const ir::Graph renewed_ = insert_batch_norms(folded_, digits_.train, 500, {"cpu", 1, false});
};

TEST_F(InsertBatchNorms, PutsThemWhereTheyWereAndKeepsTheFunction) {
  EXPECT_EQ(norms(folded_), 0);
  EXPECT_EQ(norms(renewed_), norms(ann_));
  const auto images = data::normalized(digits_.test, 0, 64, digits_.train.mean, digits_.train.stddev);
  const auto expected = network::run_float(folded_, images.view(), {}),
             actual = network::run_float(renewed_, images.view(), {});
  for (std::int64_t i = 0; i < expected.size(); ++i)
    EXPECT_NEAR(actual[i], expected[i], 1e-3F + 1e-4F * std::abs(expected[i]));
}

TEST_F(InsertBatchNorms, FiltersBecomeUnitVectors) {
  const auto& weight = renewed_.node(renewed_.find("stem")).as<ir::Conv2d>()->weight;
  double squares = 0;
  for (std::int64_t i = 0; i < weight.size() / weight.extent(0); ++i) squares += double{weight[i]} * weight[i];
  EXPECT_NEAR(squares, 1.0, 1e-5);
}

TEST_F(InsertBatchNorms, LeavesLayersThatHaveOneAndTheClassifierAlone) {
  EXPECT_EQ(norms(insert_batch_norms(ann_, digits_.train, 100, {"cpu", 1, false})), norms(ann_));
  EXPECT_FALSE(renewed_.contains("fc.bn"));
}

TEST_F(InsertBatchNorms, StatisticsAreThoseOfTheData) {
  // A batch norm with the statistics of its input gives, before gamma and beta, mean 0 and variance 1: so gamma is the
  // standard deviation of what the folded layer gives, and beta its mean.
  const auto& norm = *renewed_.node(renewed_.find("stem.bn")).as<ir::BatchNorm2d>();
  const auto& weight = folded_.node(folded_.find("stem")).as<ir::Conv2d>()->weight;
  const std::int64_t row = weight.size() / weight.extent(0);
  for (std::int64_t c = 0; c < norm.gamma.size(); ++c) {
    double squares = 0;
    for (std::int64_t i = c * row; i < (c + 1) * row; ++i) squares += double{weight[i]} * weight[i];
    EXPECT_NEAR(norm.gamma[c], std::sqrt(squares * (norm.variance[c] + norm.epsilon)), 1e-3 * norm.gamma[c] + 1e-6);
    EXPECT_NEAR(norm.beta[c], norm.mean[c] * std::sqrt(squares), 1e-4 + 1e-3 * std::abs(norm.beta[c]));
  }
}

}  // namespace
}  // namespace neurocuda::conversion
