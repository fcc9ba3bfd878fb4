#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "neurocuda/ir/analysis.hpp"

namespace neurocuda::ir {
namespace {

using ::testing::HasSubstr;

Graph small() {
  Graph graph;
  graph.name = "small";
  graph.add("input", Input{{4, 6, 5}, {}});
  const Window window{{3, 3}, {2, 2}, {1, 1}, {1, 1}};
  graph.add("conv1", Conv2d{Tensor<float>({8, 2, 3, 3}), Tensor<float>({8}), window, 2}, {0});
  const Tensor<float> eight({8}, 1.0F);
  graph.add("bn1", BatchNorm2d{eight, eight, eight, eight}, {1});
  graph.add("if1", IF{eight, eight}, {2});
  graph.add("flatten", Flatten{}, {3});
  graph.add("fc", Linear{Tensor<float>({10, 72}), {}}, {4});
  graph.add("output", Output{}, {5});
  return graph;
}

TEST(Counts, DenseMacs) {
  // 8 x 3 x 3 outputs of kernels 2 x 3 x 3, and a 10 x 72 matrix.
  EXPECT_EQ(dense_macs(small()), 8 * 3 * 3 * 2 * 3 * 3 + 10 * 72);
}

TEST(Counts, Parameters) {
  // Convolution with bias, gamma and beta (not the running statistics), theta and v0, matrix.
  EXPECT_EQ(parameter_count(small()), 8 * 2 * 3 * 3 + 8 + 16 + 16 + 720);
}

TEST(Print, IsATableOfEveryNode) {
  const std::string text = to_string(small());
  EXPECT_THAT(text, HasSubstr("Conv2d 3x3, stride 2x2, padding 1x1, groups 2  (8, 3, 3)"));
  EXPECT_THAT(text, HasSubstr("small: 7 nodes, 904 parameters, 2016 dense MACs per image\n"));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 9) << "a header, seven nodes, the totals";
}

TEST(Print, AlignsColumns) {
  const std::string text = to_string(small());
  const auto column = [&](const std::string& word) {
    const std::size_t at = text.find(word);
    return at - (text.rfind('\n', at) + 1);
  };
  EXPECT_EQ(column("operator"), column("Conv2d"));
  EXPECT_EQ(column("shape"), column("(8, 3, 3)"));
  EXPECT_EQ(column("shape"), column("(10,)"));
}

TEST(Print, ShowsGraphsThatDoNotFit) {
  Graph graph = small();
  graph.op(5) = Linear{Tensor<float>({10, 3}), {}};
  EXPECT_THAT(to_string(graph), HasSubstr("?"));
}

}  // namespace
}  // namespace neurocuda::ir
