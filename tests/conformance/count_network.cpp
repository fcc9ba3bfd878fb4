#include "conformance/count_network.hpp"

#include <algorithm>

#include "neurocuda/program/biases.hpp"

namespace neurocuda::testing {
namespace {

using namespace program;
using Counts = std::vector<std::int64_t>;

/// Calls visit(tap, value) for every tap of the window at output (y, x) that is inside channel c.
template <class Visit>
void taps(const Window& w, const Shape& shape, const Counts& from, std::int64_t c, std::int64_t y, std::int64_t x,
          Visit visit) {
  for (std::int64_t tap = 0; tap < w.kernel.height * w.kernel.width; ++tap) {
    const std::int64_t in_y = y * w.stride.height - w.padding.height + tap / w.kernel.width * w.dilation.height;
    const std::int64_t in_x = x * w.stride.width - w.padding.width + tap % w.kernel.width * w.dilation.width;
    if (in_y < 0 || in_y >= shape[1] || in_x < 0 || in_x >= shape[2]) continue;
    visit(tap, from[static_cast<std::size_t>((c * shape[1] + in_y) * shape[2] + in_x)]);
  }
}

/// The current of all timesteps at output (o, y, x) through one group, before the shift.
struct Drive {
  const Shape& source;
  const Counts& from;
  std::int64_t o, y, x, position;

  std::int64_t operator()(const Conv& conv) const {
    const std::int64_t inputs = conv.weight.extent(1), outputs = conv.weight.extent(0) / conv.groups;
    const std::int64_t area = conv.window.kernel.height * conv.window.kernel.width;
    std::int64_t sum = 0;
    for (std::int64_t i = 0; i < inputs; ++i) {
      taps(conv.window, source, from, o / outputs * inputs + i, y, x,
           [&](std::int64_t tap, std::int64_t value) { sum += conv.weight[(o * inputs + i) * area + tap] * value; });
    }
    return sum;
  }
  std::int64_t operator()(const Linear& linear) const {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < from.size(); ++i)
      sum += linear.weight[o * linear.weight.extent(1) + static_cast<std::int64_t>(i)] * from[i];
    return sum;
  }
  std::int64_t operator()(const Diagonal& diagonal) const {
    return diagonal.weight[o] * from[static_cast<std::size_t>(position)];
  }
};

class CountNetwork {
 public:
  CountNetwork(const Program& program, const EncodedInput& input, int timesteps)
      : program_(program), input_(input), timesteps_(timesteps) {}

  std::vector<Counts> run() {
    for (const Node& node : program_.nodes) {
      const auto count = static_cast<std::size_t>(element_count(node.shape));
      counts_.push_back(std::visit([&](const auto& kind) { return counts(node, count, kind); }, node.kind));
    }
    return counts_;
  }

 private:
  Counts counts(const Node&, std::size_t count, const InputNode& input) {
    Counts sum(count, 0);
    const bool constant = input.encoding == InputEncoding::constant_current;
    for (std::int64_t i = 0; i < input_.size(); ++i)
      sum[static_cast<std::size_t>(i) % count] += input_[i] * (constant ? timesteps_ : 1);
    return sum;
  }

  template <class Layer>
  Counts total(const Node& node, std::size_t count, const Layer& layer) {
    Counts sum(count);
    const std::int64_t width = node.shape.size() == 3 ? node.shape[2] : 1, area = plane(node.shape);
    for (std::size_t n = 0; n < count; ++n) {
      const auto i = static_cast<std::int64_t>(n);
      const auto channel = static_cast<std::size_t>(i / area);
      for (int t = 0; t < timesteps_; ++t) sum[n] += bias_at(layer, static_cast<std::int64_t>(channel), t);
      for (const SynapseGroup& group : groups_of(node)) {
        const Drive drive{shape(group.source), at(group.source), i / area, i % area / width, i % width, i};
        sum[n] += std::visit(drive, group.connection) * (1 << group.shift[channel]);
      }
    }
    return sum;
  }

  Counts counts(const Node& node, std::size_t count, const IfLayer& layer) {
    Counts sum = total(node, count, layer);
    for (std::size_t n = 0; n < count; ++n) {
      const std::size_t channel = n / static_cast<std::size_t>(plane(node.shape));
      const std::int64_t drive =
          std::max<std::int64_t>(sum[n] + layer.v0[channel], 0);  // below 0 the floor is clipped anyway
      sum[n] = std::min<std::int64_t>(drive / layer.theta[channel], timesteps_);
    }
    return sum;
  }

  Counts counts(const Node& node, std::size_t count, const Accumulator& output) { return total(node, count, output); }

  /// The first value under a window, then merge(what there is, value, channel).
  template <class Merge>
  Counts pool(const Node& node, std::size_t count, NodeIndex source, const Window& window, Merge merge) {
    Counts pooled(count, 0);
    for (std::size_t n = 0; n < count; ++n) {
      const auto i = static_cast<std::int64_t>(n);
      const std::int64_t area = plane(node.shape), width = node.shape[2];
      bool first = true;
      taps(window, shape(source), at(source), i / area, i % area / width, i % width,
           [&](std::int64_t, std::int64_t value) {
             pooled[n] = first ? value : merge(pooled[n], value, static_cast<std::size_t>(i / area));
             first = false;
           });
    }
    return pooled;
  }
  Counts counts(const Node& node, std::size_t count, const SumPool& sum) {
    return pool(node, count, sum.source, sum.window, [](std::int64_t a, std::int64_t b, std::size_t) { return a + b; });
  }
  /// The first spikes of a neuron are all it has, so that an OR of each timestep is the maximum as well.
  Counts counts(const Node& node, std::size_t count, const OrPool& any) {
    return pool(node, count, any.source, any.window, [&](std::int64_t a, std::int64_t b, std::size_t channel) {
      const bool least = !any.takes_minimum.empty() && any.takes_minimum[channel] != 0;
      return least ? std::min(a, b) : std::max(a, b);
    });
  }

  const Shape& shape(NodeIndex node) const { return program_.nodes[static_cast<std::size_t>(node)].shape; }
  const Counts& at(NodeIndex node) const { return counts_[static_cast<std::size_t>(node)]; }

  const Program& program_;
  const EncodedInput& input_;
  int timesteps_;
  std::vector<Counts> counts_;
};

}  // namespace

std::vector<Counts> qcfs_counts(const Program& program, const EncodedInput& input, int timesteps) {
  return CountNetwork(program, input, timesteps).run();
}

}  // namespace neurocuda::testing
