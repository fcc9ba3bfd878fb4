#include <gtest/gtest.h>

#include "neurocuda/neurons/channel_mean.hpp"

namespace neurocuda::neurons {
namespace {

TEST(ChannelMean, IsTheMeanWithItsGradient) {
  torch::manual_seed(4);
  const std::vector<std::vector<std::int64_t>> shapes{{3, 5, 40, 41}, {7, 5}, {2, 16, 8, 8}};
  for (const auto& shape : shapes) {
    for (const auto type : {torch::kFloat32, torch::kBFloat16}) {
      auto x = torch::randn(shape).to(type);
      if (x.dim() == 4) x = x.contiguous(torch::MemoryFormat::ChannelsLast);
      x.set_requires_grad(true);
      const auto axes = x.dim() == 4 ? std::vector<std::int64_t>{0, 2, 3} : std::vector<std::int64_t>{0};
      const auto expected = x.mean(axes, false, torch::kFloat32), actual = channel_mean(x);
      EXPECT_TRUE(torch::allclose(actual, expected, 1e-5, 1e-6));
      const auto gradient = torch::randn({shape[1]});
      const auto wanted = torch::autograd::grad({expected}, {x}, {gradient})[0];
      const auto given = torch::autograd::grad({actual}, {x}, {gradient})[0];
      EXPECT_EQ(given.scalar_type(), type);
      EXPECT_EQ(given.strides(), x.strides());
      EXPECT_TRUE(torch::allclose(given, wanted, type == torch::kBFloat16 ? 1e-2 : 1e-6, 1e-9));
    }
  }
}

}  // namespace
}  // namespace neurocuda::neurons
