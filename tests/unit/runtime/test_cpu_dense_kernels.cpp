// The dense kernels of every instruction set, against plain loops in int64, at the ends of their ranges.
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "neurocuda/base/random.hpp"
#include "unit/runtime/every_isa.hpp"

namespace neurocuda {
namespace {

using namespace runtime::cpu;
using testing::on_every_isa;

constexpr std::int32_t kLargest = std::numeric_limits<std::int32_t>::max();

std::int64_t count_of(std::int64_t v, std::int64_t theta, std::int64_t timesteps) {
  return v < 0 ? 0 : std::min(v / theta, timesteps);
}

TEST(CpuDenseKernels, BitsAsBytes) {
  constexpr std::int64_t kPositions = 5;
  Random random(8);
  for (const std::int64_t inputs : {4, 60, 64, 68, 200}) {
    const std::int64_t words = (inputs + 63) / 64;
    std::vector<std::uint64_t> bits(kPositions * static_cast<std::size_t>(words), 0);
    std::vector<std::uint8_t> expected;
    for (std::int64_t p = 0; p < kPositions; ++p) {
      for (std::int64_t c = 0; c < inputs; ++c) {
        const std::uint64_t spike = random.below(2);
        bits[static_cast<std::size_t>(p * words + c / 64)] |= spike << (c % 64);
        expected.push_back(static_cast<std::uint8_t>(spike));
      }
    }
    on_every_isa([&](const Kernels& kernels) {
      std::vector<std::uint8_t> bytes(expected.size() + kSlack, 7);
      kernels.dense.spread_bits(bits.data(), words, kPositions, inputs, bytes.data());
      EXPECT_TRUE(std::equal(expected.begin(), expected.end(), bytes.begin()));
    });
  }
}

TEST(CpuDenseKernels, CountsAreExactQuotients) {
  constexpr std::int64_t kPositions = 200, kPadded = 32;
  Random random(3);
  const auto between = [&](std::int64_t low, std::int64_t high) {
    return static_cast<std::int32_t>(
        low + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(high - low + 1))));
  };
  for (const int timesteps : {1, 2, 7, 32, static_cast<int>(kLargestCount)}) {
    std::vector<std::int32_t> theta(kPadded), v(kPositions * kPadded);
    for (std::size_t c = 0; c < theta.size(); ++c)
      theta[c] = c % 3 == 0 ? between(1, 8) : c % 3 == 1 ? between(1, 60000) : between(kLargest / 2, kLargest);
    std::vector<float> rate;
    for (const std::int32_t t : theta) rate.push_back(1.0F / static_cast<float>(t));
    for (std::size_t i = 0; i < v.size(); ++i) {
      const std::int64_t unit = theta[i % kPadded], multiple = unit * between(0, timesteps + 2) + between(-1, 1);
      const bool anywhere = i % 4 == 0 || multiple > kLargest;
      v[i] = anywhere ? between(-kLargest, kLargest) : static_cast<std::int32_t>(multiple);
    }
    on_every_isa([&](const Kernels& kernels) {
      std::vector<std::uint8_t> counts(v.size() + kSlack, 255);
      kernels.dense.fire_counts({v.data(), theta.data(), rate.data(), kPositions, kPadded, timesteps, counts.data()});
      for (std::size_t i = 0; i < v.size(); ++i)
        ASSERT_EQ(counts[i], count_of(v[i], theta[i % kPadded], timesteps)) << v[i] << " / " << theta[i % kPadded];
    });
  }
}

/// A plane of random counts, most of them the largest, and weights down to -128.
struct Plane {
  std::int64_t width = 0, height = 0, inputs = 0, padded = 0, stride = 1;
  std::vector<std::int64_t> taps;
  std::vector<std::uint8_t> bytes;
  std::vector<std::int8_t> weights;

  std::int64_t out_width() const { return (width - 3) / stride + 1; }
  std::int64_t positions() const { return out_width() * ((height - 3) / stride + 1); }
  std::int64_t window(std::int64_t p) const {
    return (p / out_width() * stride * width + p % out_width() * stride) * inputs;
  }
  std::int8_t weight(std::int64_t output, std::int64_t tap, std::int64_t input) const {
    const auto count = static_cast<std::int64_t>(taps.size());
    const std::int64_t quad = (output / kChannelBlock * count + tap) * (inputs / kInputBlock) + input / kInputBlock;
    return weights[static_cast<std::size_t>((quad * kChannelBlock + output % kChannelBlock) * kInputBlock +
                                            input % kInputBlock)];
  }
};

Plane random_plane(Random& random) {
  const auto below = [&](std::uint64_t n) { return static_cast<std::int64_t>(random.below(n)); };
  Plane plane_;
  plane_.width = 3 + below(9);
  plane_.height = 3 + below(5);
  plane_.inputs = kInputBlock * (1 + below(9));
  plane_.padded = kChannelBlock * (1 + below(5));
  plane_.stride = 1 + below(2);
  for (std::int64_t ky = 0; ky < 3; ++ky) {
    for (std::int64_t kx = 0; kx < 3; ++kx) plane_.taps.push_back((ky * plane_.width + kx) * plane_.inputs);
  }
  plane_.bytes.resize(static_cast<std::size_t>(plane_.width * plane_.height * plane_.inputs));
  for (std::uint8_t& count : plane_.bytes)
    count = static_cast<std::uint8_t>(below(2) == 0 ? kLargestCount : below(128));
  plane_.weights.resize(static_cast<std::size_t>(plane_.padded * 9 * plane_.inputs));
  for (std::int8_t& weight : plane_.weights) weight = static_cast<std::int8_t>(below(3) == 0 ? -128 : below(256) - 128);
  return plane_;
}

TEST(CpuDenseKernels, SumsAreThoseOfPlainLoops) {
  Random random(4);
  for (int round = 0; round < 30; ++round) {
    const Plane plane_ = random_plane(random);
    const std::int64_t stride = plane_.padded + 16;
    std::vector<std::int32_t> expected(static_cast<std::size_t>(plane_.positions() * stride), 5);
    for (std::int64_t p = 0; p < plane_.positions(); ++p) {
      for (std::int64_t output = 0; output < plane_.padded; ++output) {
        std::int32_t& sum = expected[static_cast<std::size_t>(p * stride + output)];
        for (std::size_t tap = 0; tap < plane_.taps.size(); ++tap) {
          for (std::int64_t i = 0; i < plane_.inputs; ++i)
            sum += plane_.bytes[static_cast<std::size_t>(plane_.window(p) + plane_.taps[tap] + i)] *
                   plane_.weight(output, static_cast<std::int64_t>(tap), i);
        }
      }
    }
    on_every_isa([&](const Kernels& kernels) {
      std::vector<std::int32_t> sums(expected.size(), 5);
      kernels.dense.add_counts({plane_.bytes.data(), plane_.taps.data(), 9, plane_.inputs, plane_.out_width(),
                                plane_.positions(), plane_.stride * plane_.width * plane_.inputs,
                                plane_.stride * plane_.inputs, plane_.weights.data(), plane_.padded, sums.data(),
                                stride});
      ASSERT_EQ(sums, expected) << "round " << round;
    });
  }
}

TEST(CpuDenseKernels, ScaledCountsAreAdded) {
  std::vector<std::uint8_t> counts(2 * 16);
  std::vector<std::int32_t> weight(16), expected(counts.size());
  for (std::size_t c = 0; c < 16; ++c) weight[c] = static_cast<std::int32_t>(c) * 1000003 - 8000000;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    counts[i] = static_cast<std::uint8_t>(i * 4);
    expected[i] = 7 + counts[i] * weight[i % 16];
  }
  on_every_isa([&](const Kernels& kernels) {
    std::vector<std::int32_t> target(counts.size(), 7);
    kernels.dense.add_scaled(counts.data(), weight.data(), target.data(), 2, 16);
    EXPECT_EQ(target, expected);
  });
}

}  // namespace
}  // namespace neurocuda
