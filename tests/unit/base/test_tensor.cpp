#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "neurocuda/base/tensor.hpp"

namespace neurocuda {
namespace {

using ::testing::ElementsAre;

Tensor<int> counting(Shape shape) {
  Tensor<int> tensor(std::move(shape));
  std::iota(tensor.values().begin(), tensor.values().end(), 0);
  return tensor;
}

TEST(Tensor, HoldsValuesRowMajor) {
  const Tensor<int> tensor = counting({2, 3});
  EXPECT_EQ(tensor.shape(), (Shape{2, 3}));
  EXPECT_EQ(tensor.extent(1), 3);
  EXPECT_EQ(tensor.size(), 6);
  EXPECT_FALSE(tensor.empty());
  EXPECT_THAT(tensor.values(), ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_EQ(tensor[4], 4);
  EXPECT_THROW(tensor.extent(2), std::out_of_range);
}

TEST(Tensor, FillsAndDefaults) {
  EXPECT_THAT(Tensor<float>({2}, 0.5F).values(), ElementsAre(0.5F, 0.5F));
  EXPECT_THAT(Tensor<int>({2}).values(), ElementsAre(0, 0));
  EXPECT_TRUE(Tensor<int>().empty());
  EXPECT_TRUE(Tensor<int>({0, 5}).empty());
}

TEST(Tensor, CopiesAreTheirOwn) {
  Tensor<int> first = counting({4});
  const Tensor<int> second = first;
  EXPECT_EQ(first, second);
  first[0] = 9;
  EXPECT_NE(first, second);
  EXPECT_EQ(second[0], 0);
  EXPECT_NE(counting({2, 2}), counting({4})) << "the shape is part of the value";
}

TEST(Tensor, RefusesValuesThatDoNotFitTheShape) {
  EXPECT_THROW(Tensor<int>({2, 2}, std::vector<int>{1, 2, 3}), InternalError);
  EXPECT_THROW(Tensor<int>({-1}), UserError);
}

TEST(TensorView, SeesTheSameMemory) {
  Tensor<int> tensor = counting({2, 3});
  const TensorView<int> view = tensor.view();
  view[5] = 50;
  EXPECT_EQ(tensor[5], 50);
  EXPECT_EQ(view.extent(0), 2);
  EXPECT_EQ(view.size(), 6);
  EXPECT_EQ(view.data(), tensor.data());
  EXPECT_EQ(TensorView<int>().size(), 0);
}

TEST(TensorView, SlicesTheOutermostAxis) {
  const Tensor<int> tensor = counting({3, 2, 2});
  const TensorView<const int> slice = tensor.view().slice(1);
  EXPECT_EQ(slice.shape(), (Shape{2, 2}));
  EXPECT_THAT(slice.values(), ElementsAre(4, 5, 6, 7));
  EXPECT_THAT(slice.slice(1).values(), ElementsAre(6, 7));
}

TEST(TensorView, RangesKeepTheInnerShape) {
  const Tensor<int> tensor = counting({4, 2});
  const TensorView<const int> range = tensor.view().range(1, 3);
  EXPECT_EQ(range.shape(), (Shape{2, 2}));
  EXPECT_THAT(range.values(), ElementsAre(2, 3, 4, 5));
  EXPECT_EQ(tensor.view().range(2, 2).size(), 0);
  EXPECT_EQ(Tensor<int>({0, 3}).view().range(0, 0).shape(), (Shape{0, 3}));
}

}  // namespace
}  // namespace neurocuda
