#include <gtest/gtest.h>

#include "neurocuda/base/error.hpp"
#include "neurocuda/base/shape.hpp"
#include "support/expect_error.hpp"

namespace neurocuda {
namespace {

using neurocuda::testing::expect_error;

TEST(Shape, CountsElements) {
  EXPECT_EQ(element_count({}), 1) << "a scalar";
  EXPECT_EQ(element_count({3, 32, 32}), 3072);
  EXPECT_EQ(element_count({3, 0, 32}), 0);
  EXPECT_EQ(element_count({std::int64_t{1} << 40}), std::int64_t{1} << 40);
}

TEST(Shape, RefusesWhatCannotBeAllocated) {
  expect_error<UserError>([] { element_count({3, -1}); }, {"(3, -1)", "negative"});
  expect_error<UserError>([] { element_count({(std::int64_t{1} << 40) + 1}); }, {"too many"});
  expect_error<UserError>([] { element_count({std::int64_t{1} << 32, std::int64_t{1} << 32}); }, {"too many"});
}

TEST(Shape, Prints) {
  EXPECT_EQ(to_string(Shape{}), "()");
  EXPECT_EQ(to_string(Shape{10}), "(10,)");
  EXPECT_EQ(to_string(Shape{3, 32, 16}), "(3, 32, 16)");
  EXPECT_EQ(to_string(Size2{3, 5}), "3x5");
}

TEST(Window, OutputSizes) {
  EXPECT_EQ(output_size({.kernel = {3, 3}, .padding = {1, 1}}, {32, 30}), (Size2{32, 30}));
  EXPECT_EQ(output_size({.kernel = {3, 2}, .stride = {2, 2}}, {8, 7}), (Size2{3, 3})) << "floor mode";
  EXPECT_EQ(output_size({.kernel = {3, 1}, .dilation = {2, 1}}, {5, 4}), (Size2{1, 4}));
  EXPECT_EQ(output_size({.kernel = {5, 5}}, {4, 5}), (Size2{0, 1})) << "does not fit";
  EXPECT_EQ(output_size({.kernel = {9, 9}, .stride = {3, 3}}, {4, 4}), (Size2{0, 0}));
}

}  // namespace
}  // namespace neurocuda
