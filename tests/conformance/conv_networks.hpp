#pragma once

#include "conformance/tiny_program.hpp"
#include "neurocuda/base/random.hpp"

/// Networks of convolutions with random weights, large enough for more than one block of columns.
namespace neurocuda::testing {

inline program::Conv random_conv(Random& random, std::int64_t out, std::int64_t in, std::int64_t kernel,
                                 std::int64_t stride) {
  program::Conv made{Tensor<std::int8_t>({out, in, kernel, kernel}),
                     {{kernel, kernel}, {stride, stride}, {kernel / 2, kernel / 2}, {1, 1}},
                     1};
  for (auto& weight : made.weight.values()) weight = static_cast<std::int8_t>(random.below(256) - 128);
  return made;
}

/// Two residual blocks in the way of a ResNet, with more channels than a block of columns and odd extents.
inline program::Program residual_network(std::uint64_t seed, std::int64_t wide, std::int64_t extent) {
  Random random(seed);
  const auto conv = [&](std::int64_t out, std::int64_t in, std::int64_t kernel, std::int64_t stride) {
    return random_conv(random, out, in, kernel, stride);
  };
  program::Diagonal skip{Tensor<std::int8_t>({wide})};
  for (auto& weight : skip.weight.values()) weight = static_cast<std::int8_t>(random.below(256) - 128);
  auto skip_group = TinyProgram::group(2, skip, wide);
  for (auto& shift : skip_group.shift) shift = static_cast<std::uint8_t>(random.below(5));
  const std::int64_t half = (extent + 1) / 2;
  const Shape large{wide, extent, extent}, small{2 * wide, half, half};
  program::Linear last{Tensor<std::int8_t>({10, 2 * wide * half * half}, 1)};
  TinyProgram network({3, extent, extent}, program::InputEncoding::constant_current, 6);
  network.layer(large, {TinyProgram::group(0, conv(wide, 3, 3, 1), wide)}, 900)
      .layer(large, {TinyProgram::group(1, conv(wide, wide, 3, 1), wide)}, 1400)
      .layer(large, {TinyProgram::group(2, conv(wide, wide, 3, 1), wide), skip_group}, 1400)
      .layer(small, {TinyProgram::group(3, conv(2 * wide, wide, 3, 2), 2 * wide)}, 1400)
      .layer(small,
             {TinyProgram::group(4, conv(2 * wide, 2 * wide, 3, 1), 2 * wide),
              TinyProgram::group(3, conv(2 * wide, wide, 1, 2), 2 * wide)},
             1600)
      .layer({10}, {TinyProgram::group(5, last, 10)}, 100);
  return network.count();
}

/// Convolutions over sums of spikes, in the way of a VGG with average pooling: pools that tile, and pools that overlap
/// and reach beyond the border; the second is read by a layer without positions, too.
inline program::Program pooled_network(std::uint64_t seed, std::int64_t wide, std::int64_t extent) {
  Random random(seed);
  const std::int64_t half = extent / 2, quarter = (half + 1) / 2;
  const Shape large{wide, extent, extent}, sums{wide, half, half}, small{2 * wide, half, half};
  const Shape few{2 * wide, quarter, quarter};
  program::Linear dense{Tensor<std::int8_t>({40, 2 * wide * quarter * quarter})};
  for (auto& weight : dense.weight.values()) weight = static_cast<std::int8_t>(random.below(256) - 128);
  TinyProgram network({3, extent, extent}, program::InputEncoding::constant_current, 6);
  network.layer(large, {TinyProgram::group(0, random_conv(random, wide, 3, 3, 1), wide)}, 900)
      .node(sums, program::SumPool{1, {{2, 2}, {2, 2}, {0, 0}, {1, 1}}})
      .layer(small, {TinyProgram::group(2, random_conv(random, 2 * wide, wide, 3, 1), 2 * wide)}, 2500)
      .node(few, program::SumPool{3, {{3, 3}, {2, 2}, {1, 1}, {1, 1}}})
      .layer(few, {TinyProgram::group(4, random_conv(random, 2 * wide, 2 * wide, 3, 1), 2 * wide)}, 4000)
      .layer({40}, {TinyProgram::group(4, dense, 40)}, 3000);
  return network.count();
}

}  // namespace neurocuda::testing
