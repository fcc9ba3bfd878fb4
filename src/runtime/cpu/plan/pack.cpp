#include "runtime/cpu/plan/pack.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>

#include "neurocuda/base/overloaded.hpp"

namespace neurocuda::runtime::cpu {
namespace {

Geometry geometry_of(const Window& w, const Shape& source, const Shape& target) {
  return {source[1],       source[2],      target[1],        target[2],       w.kernel.height,   w.kernel.width,
          w.stride.height, w.stride.width, w.padding.height, w.padding.width, w.dilation.height, w.dilation.width};
}

/// One window over the whole source: a linear map as a convolution.
Geometry whole_plane(const Shape& source) {
  const std::int64_t height = source.size() == 3 ? source[1] : 1, width = source.size() == 3 ? source[2] : 1;
  return {height, width, 1, 1, height, width, 1, 1, 0, 0, 1, 1};
}

/// A dense block of one or several convolution groups, or of a part of the inputs of one: `inputs` and `outputs` are
/// those of one group, of which [first_input, first_input + used) are read.
struct Groups {
  std::int64_t first, count, inputs, outputs;
  std::int64_t first_input = 0, used = inputs;
};

PackedConv empty_block(const Geometry& geometry, const Groups& groups) {
  PackedConv packed;
  packed.geometry = geometry;
  packed.first_input = groups.first * groups.inputs + groups.first_input;
  packed.inputs = groups.count * groups.used;
  const std::int64_t first = groups.first * groups.outputs, lead = first % kChannelBlock;
  packed.first_output = first - lead;
  packed.outputs = lead + groups.count * groups.outputs;
  packed.padded = padded_channels(packed.outputs);
  const std::int64_t bytes = element_count({packed.taps(), packed.inputs, packed.padded});
  if (bytes > std::numeric_limits<std::uint32_t>::max()) {
    fail(
        "a weight of {} output and {} input channels takes {} bytes on the cpu target, more than its 4 GiB: use "
        "--target "
        "reference",
        packed.outputs, packed.inputs, bytes);
  }
  packed.weights.assign(static_cast<std::size_t>(bytes), 0);
  return packed;
}

/// `weight` is (O, I / groups, taps).
PackedConv pack_groups(const Tensor<std::int8_t>& weight, const Geometry& geometry, const Groups& groups) {
  PackedConv packed = empty_block(geometry, groups);
  const std::int64_t taps = packed.taps();
  const std::int64_t first = groups.first * groups.outputs, lead = first - packed.first_output;
  for (std::int64_t output = 0; output < groups.count * groups.outputs; ++output) {
    const std::int64_t to_input = output / groups.outputs * groups.used;
    const std::int64_t row = (first + output) * groups.inputs + groups.first_input;
    const std::int8_t* from = weight.data() + row * taps;
    for (std::int64_t input = 0; input < groups.used; ++input) {
      std::int8_t* to = packed.weights.data() + (to_input + input) * packed.padded + lead + output;
      for (std::int64_t tap = 0; tap < taps; ++tap) to[tap * packed.tap_bytes()] = *from++;
    }
  }
  packed.flush = int16_rows(packed.weights, packed.padded);
  return packed;
}

/// Lists hold channels in 16 bits: more inputs than those are read in parts.
void pack_group(const Tensor<std::int8_t>& weight, const Geometry& geometry, const Groups& group,
                std::vector<PackedConv>& packed) {
  constexpr std::int64_t kMost = std::numeric_limits<std::uint16_t>::max();
  for (std::int64_t first = 0; first < group.inputs; first += kMost) {
    Groups part = group;
    part.first_input = first;
    part.used = std::min(kMost, group.inputs - first);
    packed.push_back(pack_groups(weight, geometry, part));
  }
}

/// How many of the weights counted in `histogram` (by magnitude) fit `limit`, largest first.
std::int64_t rows_within(const std::int64_t (&histogram)[129], std::int64_t limit) {
  std::int64_t rows = 0;
  for (std::int64_t magnitude = 128; magnitude > 0; --magnitude) {
    const std::int64_t fit = limit / magnitude;
    rows += std::min(fit, histogram[magnitude]);
    if (fit < histogram[magnitude]) return rows;
    limit -= histogram[magnitude] * magnitude;
  }
  return std::numeric_limits<std::int64_t>::max();
}

}  // namespace

std::int64_t padded_channels(std::int64_t channels) {
  return (channels + kChannelBlock - 1) / kChannelBlock * kChannelBlock;
}

std::int64_t spike_words(std::int64_t channels) { return (channels + 63) / 64; }

std::vector<std::int32_t> padded(const std::vector<std::int32_t>& values, std::int32_t fill) {
  std::vector<std::int32_t> result = values;
  result.resize(static_cast<std::size_t>(padded_channels(static_cast<std::int64_t>(values.size()))), fill);
  return result;
}

std::vector<PackedConv> pack(const program::Conv& conv, const Shape& source, const Shape& target) {
  const std::int64_t inputs = source[0] / conv.groups, outputs = target[0] / conv.groups;
  const std::int64_t together = std::max<std::int64_t>(1, kChannelBlock / outputs);
  const Geometry geometry = geometry_of(conv.window, source, target);
  std::vector<PackedConv> packed;
  for (std::int64_t first = 0; first < conv.groups; first += together) {
    const std::int64_t count = std::min(together, conv.groups - first);
    pack_group(conv.weight, geometry, {first, count, inputs, outputs}, packed);
  }
  return packed;
}

std::vector<PackedConv> pack(const program::Linear& linear, const Shape& source) {
  std::vector<PackedConv> packed;
  pack_group(linear.weight, whole_plane(source), {0, 1, program::channels(source), linear.weight.extent(0)}, packed);
  return packed;
}

std::vector<PackedConv> pack(const program::Connection& connection, const Shape& source, const Shape& target) {
  return std::visit(Overloaded{[&](const program::Conv& conv) { return pack(conv, source, target); },
                               [&](const program::Linear& linear) { return pack(linear, source); },
                               [](const program::Diagonal&) { return std::vector<PackedConv>(); }},
                    connection);
}

std::int64_t int16_rows(const std::vector<std::int8_t>& weights, std::int64_t padded, bool with_signs) {
  std::int64_t fewest = std::numeric_limits<std::int64_t>::max();
  for (std::int64_t first = 0; first < padded; first += kChannelBlock) {
    // By sign and channel; a block at a time, because weights of a channel are far apart.
    std::int64_t counts[2][kChannelBlock][129] = {};
    for (std::size_t i = static_cast<std::size_t>(first); i < weights.size(); i += static_cast<std::size_t>(padded)) {
      for (std::size_t c = 0; c < kChannelBlock; ++c) {
        const int weight = weights[i + c];
        ++counts[weight < 0 && !with_signs ? 1 : 0][c][std::abs(weight)];
      }
    }
    for (std::int64_t c = 0; c < kChannelBlock; ++c) {
      fewest =
          std::min({fewest, rows_within(counts[0][c], INT16_MAX), rows_within(counts[1][c], -std::int64_t{INT16_MIN})});
    }
  }
  return fewest;
}

}  // namespace neurocuda::runtime::cpu
