#include "runtime/cpu/plan/dense_convs.hpp"

#include <algorithm>

#include "neurocuda/program/node_traits.hpp"
#include "runtime/cpu/kernels/dense_kernels.hpp"

namespace neurocuda::runtime::cpu {
namespace {

std::int64_t rounded_up(std::int64_t count, std::int64_t unit) { return (count + unit - 1) / unit * unit; }

std::vector<std::int8_t> dense_weights(const PackedConv& conv, std::int64_t inputs) {
  const std::int64_t blocks = conv.padded / kChannelBlock, quads = inputs / kInputBlock;
  std::vector<std::int8_t> weights(static_cast<std::size_t>(conv.padded * conv.taps() * inputs), 0);
  for (std::int64_t tap = 0; tap < conv.taps(); ++tap) {
    for (std::int64_t input = 0; input < conv.inputs; ++input) {
      const std::int8_t* from = conv.weights.data() + tap * conv.tap_bytes() + input * conv.padded;
      for (std::int64_t block = 0; block < blocks; ++block) {
        const std::int64_t quad = (block * conv.taps() + tap) * quads + input / kInputBlock;
        std::int8_t* to = weights.data() + quad * kInputBlock * kChannelBlock + input % kInputBlock;
        for (std::int64_t c = 0; c < kChannelBlock; ++c) to[c * kInputBlock] = *from++;
      }
    }
  }
  return weights;
}

DenseConv dense(const PackedConv& conv, std::int64_t source_channels) {
  const Geometry& g = conv.geometry;
  DenseConv packed;
  packed.inputs = rounded_up(conv.inputs, kInputBlock);
  packed.position = padded_channels(source_channels);
  packed.plane_height = rows_under(g, 0, g.out_height).count;
  packed.plane_width = (g.out_width - 1) * g.stride_width + (g.kernel_width - 1) * g.dilation_width + 1;
  packed.columns = std::clamp<std::int64_t>(packed.plane_width - g.padding_width, 0, g.in_width);
  for (std::int64_t ky = 0; ky < g.kernel_height; ++ky) {
    for (std::int64_t kx = 0; kx < g.kernel_width; ++kx) {
      const std::int64_t position = ky * g.dilation_height * packed.plane_width + kx * g.dilation_width;
      packed.taps.push_back(position * packed.position);
    }
  }
  packed.weights = dense_weights(conv, packed.inputs);
  packed.sums.assign(static_cast<std::size_t>(conv.padded), 0);
  for (std::size_t i = 0; i < conv.weights.size(); ++i) packed.sums[i % packed.sums.size()] += conv.weights[i];
  return packed;
}

}  // namespace

DenseConvs::DenseConvs(const program::Program& program) : program_(program), layers_(program.nodes.size()) {}

const std::vector<DenseConv>& DenseConvs::of(program::NodeIndex node, std::size_t group) const {
  const auto at = static_cast<std::size_t>(node);
  Layer& layer = layers_[at];
  std::call_once(layer.packed, [&] {
    const program::Node& target = program_.nodes[at];
    for (const program::SynapseGroup& synapses : program::groups_of(target)) {
      std::vector<DenseConv>& convs = layer.groups.emplace_back();
      const Shape& source = program_.nodes[static_cast<std::size_t>(synapses.source)].shape;
      for (const PackedConv& conv : pack(synapses.connection, source, target.shape))
        convs.push_back(dense(conv, source[0]));
    }
  });
  return layer.groups[group];
}

}  // namespace neurocuda::runtime::cpu
