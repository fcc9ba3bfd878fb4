// The sliding windows of every instruction set, against plain loops.
#include <gtest/gtest.h>

#include "neurocuda/base/random.hpp"
#include "runtime/cpu/plan/window_weights.hpp"
#include "runtime/cpu/run/spike_lists.hpp"
#include "unit/runtime/every_isa.hpp"

namespace neurocuda {
namespace {

using namespace runtime::cpu;

struct Convolution {
  std::int64_t height, width, inputs, outputs, out_height, out_width;
  std::vector<PackedConv> packed;
  Tensor<std::int8_t> weight;
  Window window;
  std::vector<std::uint64_t> bits, negative;  ///< spikes of 1 and of -1, the latter perhaps empty: [position][words]

  const PackedConv& conv() const { return packed.front(); }
  std::int64_t words() const { return spike_words(inputs); }
  int spike(std::int64_t y, std::int64_t x, std::int64_t c) const {
    if (y < 0 || x < 0 || y >= height || x >= width) return 0;
    const auto is_set = [&](const std::vector<std::uint64_t>& plane) {
      const auto word = static_cast<std::size_t>((y * width + x) * words() + c / 64);
      return static_cast<int>(word < plane.size() ? plane[word] >> (c % 64) & 1 : 0);
    };
    return is_set(bits) - is_set(negative);
  }
  SpikeSource source(const std::vector<std::uint64_t>& plane) const {
    return {plane.data(), height, width, words(), 0, inputs};
  }
  /// What arrives at an output.
  std::int32_t current(std::int64_t y, std::int64_t x, std::int64_t output) const {
    std::int32_t sum = 0;
    for (std::int64_t ky = 0; ky < window.kernel.height; ++ky) {
      for (std::int64_t kx = 0; kx < window.kernel.width; ++kx) {
        for (std::int64_t c = 0; c < inputs; ++c) {
          sum += spike(y * window.stride.height - window.padding.height + ky,
                       x * window.stride.width - window.padding.width + kx, c) *
                 weight[((output * inputs + c) * window.kernel.height + ky) * window.kernel.width + kx];
        }
      }
    }
    return sum;
  }
};

/// `density` in percent; `extreme` weights of -128 and 127 outgrow int16 under a window. Signed: all spikes of some
/// positions are -1.
Convolution random_convolution(Random& random, std::uint64_t density, bool extreme, bool with_signs) {
  const auto between = [&](std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(high - low + 1)));
  };
  Convolution convolution{};
  convolution.window.kernel = {between(1, 3), between(0, 1) == 0 ? 1 : 3};
  convolution.window.stride = {between(1, 2), between(1, 2)};
  convolution.window.padding = {between(0, convolution.window.kernel.height),
                                between(0, convolution.window.kernel.width)};
  convolution.height = between(3, 6);
  convolution.width = between(3, 9);
  convolution.inputs = extreme ? between(200, 330) : between(1, 140);
  convolution.outputs = between(1, 300);
  const auto outputs = [](std::int64_t in, std::int64_t kernel, std::int64_t stride, std::int64_t padding) {
    return (in + 2 * padding - kernel) / stride + 1;
  };
  const Window& w = convolution.window;
  convolution.out_height = outputs(convolution.height, w.kernel.height, w.stride.height, w.padding.height);
  convolution.out_width = outputs(convolution.width, w.kernel.width, w.stride.width, w.padding.width);
  convolution.weight = Tensor<std::int8_t>({convolution.outputs, convolution.inputs, w.kernel.height, w.kernel.width});
  for (std::int64_t i = 0; i < convolution.weight.size(); ++i) {
    const bool positive = i / (convolution.weight.size() / convolution.outputs) % 2 == 0;
    convolution.weight[i] = static_cast<std::int8_t>(extreme ? (positive ? 127 : -128) : between(-128, 127));
  }
  convolution.packed =
      pack(program::Conv{convolution.weight, w, 1}, {convolution.inputs, convolution.height, convolution.width},
           {convolution.outputs, convolution.out_height, convolution.out_width});
  convolution.bits.assign(static_cast<std::size_t>(convolution.height * convolution.width * convolution.words()), 0);
  if (with_signs) convolution.negative = convolution.bits;
  for (std::int64_t p = 0; p < convolution.height * convolution.width; ++p) {
    auto& to = with_signs && random.below(3) > 0 ? convolution.negative : convolution.bits;
    for (std::int64_t c = 0; c < convolution.inputs; ++c) {
      if (random.below(100) < density)
        to[static_cast<std::size_t>(p * convolution.words() + c / 64)] |= std::uint64_t{1} << (c % 64);
    }
  }
  return convolution;
}

/// Calls run(windows, row, y) for every row of outputs on every instruction set.
template <class Run>
void on_every_row(const Convolution& convolution, const Run& run) {
  testing::on_every_isa([&](const Kernels& kernels) {
    const auto weights =
        window_weights(convolution.conv(), {kernels.windows.widest_block, kernels.windows.vector_bytes});
    ASSERT_TRUE(weights.has_value());
    SpikeLists lists, taken_back;
    lists.prepare(kernels, convolution.source(convolution.bits), SpikeLists::Order::columns, 1);
    lists.list(kernels, 0);
    const bool with_signs = !convolution.negative.empty();
    if (with_signs) {
      taken_back.prepare(kernels, convolution.source(convolution.negative), SpikeLists::Order::columns, 1);
      taken_back.list(kernels, 0);
    }
    const PackedConv& conv = convolution.conv();
    const std::int64_t flush = int16_rows(conv.weights, conv.padded, with_signs);
    const Window& w = convolution.window;
    for (std::int64_t y = 0; y < convolution.out_height && !::testing::Test::HasFailure(); ++y) {
      run(kernels.windows,
          WindowRow{lists.by_column(0), with_signs ? taken_back.by_column(0) : ColumnList{}, convolution.height,
                    convolution.width, convolution.inputs, y * w.stride.height - w.padding.height, w.kernel.height,
                    w.kernel.width, w.stride.width, w.padding.width, convolution.out_width, weights->blocks.data(),
                    static_cast<std::int64_t>(weights->blocks.size()), flush, nullptr, 0},
          y);
    }
  });
}

void expect_sums(const Convolution& convolution) {
  const std::int64_t stride = convolution.conv().padded + 16;
  on_every_row(convolution, [&](const WindowKernels& windows, WindowRow row, std::int64_t y) {
    std::vector<std::int32_t> added(static_cast<std::size_t>(convolution.out_width * stride + kSlack), 7);
    row.target_stride = stride;
    row.target = added.data();
    windows.add(row);
    for (std::int64_t x = 0; x < convolution.out_width; ++x) {
      for (std::int64_t c = 0; c < stride; ++c) {
        const std::int32_t current = c < convolution.outputs ? convolution.current(y, x, c) : 0;
        const auto at = static_cast<std::size_t>(x * stride + c);
        ASSERT_EQ(added[at], 7 + current) << "output " << y << ", " << x << ", " << c;
      }
    }
  });
}

TEST(CpuWindows, SumsAreThoseOfPlainLoops) {
  Random random(11);
  for (int round = 0; round < 60 && !HasFailure(); ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    expect_sums(random_convolution(random, round % 3 == 0 ? 5 : round % 3 == 1 ? 30 : 100, false, round % 2 == 0));
  }
}

TEST(CpuWindows, SumsBeyondInt16) {
  Random random(12);
  for (int round = 0; round < 12 && !HasFailure(); ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    expect_sums(random_convolution(random, round % 2 == 0 ? 60 : 100, true, round % 4 < 2));
  }
}

/// Neurons with a bias, some of them behind an identity skip.
void expect_fired(Random& random, const Convolution& convolution, bool skips, bool are_signed) {
  const std::int64_t padded = convolution.conv().padded, words = spike_words(convolution.outputs);
  const auto values = [&](std::int64_t count, std::int64_t low, std::uint64_t span) {
    std::vector<std::int32_t> made(static_cast<std::size_t>(count + kSlack));
    for (auto& value : made) value = static_cast<std::int32_t>(low + static_cast<std::int64_t>(random.below(span)));
    return made;
  };
  const auto before = values(convolution.out_width * padded, -2000, 4000), drive = values(padded, -500, 1000);
  auto theta = values(padded, 1, 3000);
  for (std::int64_t c = convolution.outputs; c < padded; ++c) theta[static_cast<std::size_t>(c)] = INT32_MAX;
  const auto weight = values(padded, -1000, 2000), spiked = values(convolution.out_width * padded, 0, 3);
  std::vector<std::uint64_t> skip(static_cast<std::size_t>(convolution.out_width * words));
  for (auto& word : skip) word = static_cast<std::uint64_t>(random.below(std::int64_t{1} << 62)) << 2;
  on_every_row(convolution, [&](const WindowKernels& windows, const WindowRow& row, std::int64_t y) {
    std::vector<std::int32_t> membrane = before;
    std::vector<std::uint64_t> bits(skip.size(), UINT64_MAX);
    RowNeurons neurons{
        {membrane.data(), padded, drive.data(), 0, theta.data(), convolution.out_width, padded, bits.data(), words}};
    if (skips) {
      neurons.skip = skip.data();
      neurons.skip_words = words;
      neurons.skip_weight = weight.data();
    }
    std::vector<std::int32_t> sum = spiked;
    std::vector<std::uint64_t> negative(skip.size(), UINT64_MAX);
    neurons.neurons.sum = sum.data();
    neurons.neurons.negative = negative.data();
    (are_signed ? windows.add_and_fire_signed : windows.add_and_fire)(row, neurons);
    for (std::int64_t x = 0; x < convolution.out_width; ++x) {
      for (std::int64_t c = 0; c < convolution.outputs; ++c) {
        const auto at = static_cast<std::size_t>(x * padded + c), word = static_cast<std::size_t>(x * words + c / 64);
        const auto channel = static_cast<std::size_t>(c);
        std::int32_t v = before[at] + convolution.current(y, x, c) + drive[channel];
        if (skips && (skip[word] >> (c % 64) & 1) != 0) v += weight[channel];
        const bool fires = v >= theta[channel], takes_back = are_signed && v < 0 && spiked[at] > 0;
        const std::int32_t spike = fires ? 1 : takes_back ? -1 : 0;
        ASSERT_EQ(bits[word] >> (c % 64) & 1, fires ? 1U : 0U) << "output " << y << ", " << x << ", " << c;
        if (are_signed) {
          ASSERT_EQ(negative[word] >> (c % 64) & 1, takes_back ? 1U : 0U) << "output " << y << ", " << x << ", " << c;
          ASSERT_EQ(sum[at], spiked[at] + spike);
        }
        ASSERT_EQ(membrane[at], v - spike * theta[channel]) << "output " << y << ", " << x << ", " << c;
      }
    }
  });
}

TEST(CpuWindows, NeuronsIntegrateEverythingAndFire) {
  Random random(13);
  for (int round = 0; round < 60 && !HasFailure(); ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    const bool extreme = round % 10 == 9;
    expect_fired(random, random_convolution(random, round % 3 == 0 ? 5 : 60, extreme, round / 4 % 2 == 1),
                 round % 2 == 1, round % 4 > 1);
  }
}

TEST(CpuWindows, OtherKernelsHaveNoWindow) {
  const auto weights_of = [](const Window& window) {
    const program::Conv conv{Tensor<std::int8_t>({4, 2, window.kernel.height, window.kernel.width}), window, 1};
    return window_weights(pack(conv, {2, 16, 16}, {4, 5, 5}).front(), {16, 16});
  };
  EXPECT_TRUE(weights_of({{3, 3}, {1, 1}, {1, 1}}).has_value());
  EXPECT_TRUE(weights_of({{5, 3}, {3, 2}, {1, 1}}).has_value());
  EXPECT_TRUE(weights_of({{1, 1}, {4, 4}, {0, 0}}).has_value());
  EXPECT_FALSE(weights_of({{3, 5}, {1, 1}, {1, 1}}).has_value());
  EXPECT_FALSE(weights_of({{3, 3}, {1, 3}, {1, 1}}).has_value());
  EXPECT_FALSE(weights_of({{3, 3}, {1, 1}, {2, 2}, {2, 2}}).has_value());
}

}  // namespace
}  // namespace neurocuda
