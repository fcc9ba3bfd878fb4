#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "neurons/channel_blocks.hpp"
#include "neurons/float_span.hpp"

namespace neurocuda::neurons {
namespace {

std::vector<float> awkward_values() {
  std::vector<float> values = {0.0F,
                               -0.0F,
                               1.0F,
                               1.00390625F,
                               1.01171875F,
                               -3.1415926F,
                               1e-40F,
                               3.3e38F,
                               -3.4028e38F,
                               std::numeric_limits<float>::infinity(),
                               std::numeric_limits<float>::quiet_NaN()};
  for (int i = 0; i < 100; ++i) values.push_back(std::sin(static_cast<float>(i)) * 17.0F);
  return values;
}

TEST(FloatSpan, RoundsToBfloat16LikePyTorch) {
  const auto values = awkward_values();
  const auto count = static_cast<std::int64_t>(values.size());
  const auto expected = torch::tensor(values).to(torch::kBFloat16);
  auto actual = torch::empty_like(expected);
  store_floats(values.data(), actual.data_ptr<at::BFloat16>(), count);
  EXPECT_TRUE(torch::allclose(actual, expected, 0, 0, /*equal_nan=*/true));

  std::vector<float> buffer(values.size());
  const float* back = read_floats(actual.const_data_ptr<at::BFloat16>(), buffer.data(), count);
  const auto wide = expected.to(torch::kFloat32);
  EXPECT_TRUE(torch::allclose(torch::tensor(std::vector<float>(back, back + count)), wide, 0, 0, true));
}

TEST(FloatSpan, Float32IsNotCopied) {
  std::vector<float> values(5, 2.0F), buffer(5, 0.0F);
  EXPECT_EQ(read_floats(values.data(), buffer.data(), 5), values.data());
  EXPECT_EQ(place_floats(values.data(), buffer.data()), values.data());
}

TEST(ChannelBlocks, CoverEveryElementInWholeRows) {
  for (const std::int64_t channels : {1, 3, 16, 700, 5000}) {
    for (const std::int64_t rows : {1, 2, 63, 1000}) {
      const ChannelBlocks blocks(channels, channels * rows);
      std::int64_t covered = 0;
      for (std::int64_t b = 0; b < blocks.count(); ++b) {
        EXPECT_EQ(blocks.offset(b), covered);
        EXPECT_EQ(blocks.length(b) % channels, 0);
        EXPECT_LE(blocks.length(b), blocks.longest());
        covered += blocks.length(b);
      }
      EXPECT_EQ(covered, channels * rows);
    }
  }
}

TEST(ChannelBlocks, RepeatedParametersSumBackToChannels) {
  const ChannelBlocks blocks(3, 3 * 50);
  const auto parameter = torch::tensor({1.0F, 2.0F, 3.0F});
  const auto repeated = blocks.repeated(parameter);
  EXPECT_EQ(repeated.numel(), blocks.longest());
  EXPECT_TRUE(torch::equal(blocks.summed(repeated.unsqueeze(0)), parameter * (blocks.longest() / 3)));
}

}  // namespace
}  // namespace neurocuda::neurons
