#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "neurocuda/program/biases.hpp"
#include "neurocuda/program/node_traits.hpp"

/// An integer Program run in plain 64-bit loops that watch how large every partial sum and membrane gets. The yardstick
/// for bounds and lowering; the executables have their own reference. It knows all of the arithmetic: signed neurons,
/// biases by timestep and maxima of counts, too.
namespace neurocuda::testing {

using Integers = std::vector<std::int64_t>;

struct Simulation {
  std::vector<std::vector<Integers>> values;  ///< [t][node]: spikes, pooled counts, accumulators
  Integers extreme_current;                   ///< [node]: largest |partial sum| of a[t] + bias
  Integers extreme_membrane;                  ///< [node]: largest |v| (a partial step included) or |accumulator|
};

namespace detail {

struct Extent {
  std::int64_t channels, height, width;
  explicit Extent(const Shape& shape)
      : channels(shape[0]), height(shape.size() == 3 ? shape[1] : 1), width(shape.size() == 3 ? shape[2] : 1) {}
  std::size_t at(std::int64_t c, std::int64_t y, std::int64_t x) const {
    return static_cast<std::size_t>((c * height + y) * width + x);
  }
};

template <class Visit>
void for_each_position(const Window& window, const Extent& in, std::int64_t oy, std::int64_t ox, const Visit& visit) {
  for (std::int64_t ky = 0; ky < window.kernel.height; ++ky) {
    for (std::int64_t kx = 0; kx < window.kernel.width; ++kx) {
      const std::int64_t y = oy * window.stride.height - window.padding.height + ky * window.dilation.height;
      const std::int64_t x = ox * window.stride.width - window.padding.width + kx * window.dilation.width;
      if (y >= 0 && y < in.height && x >= 0 && x < in.width) visit(ky * window.kernel.width + kx, y, x);
    }
  }
}

/// Calls term(weight x value) for every synapse of the group onto target position (o, oy, ox).
template <class Term>
void for_each_synapse(const program::SynapseGroup& group, const Extent& in, const Extent& out, const Integers& value,
                      std::int64_t o, std::int64_t oy, std::int64_t ox, const Term& term) {
  if (const auto* conv = std::get_if<program::Conv>(&group.connection)) {
    const std::int64_t taps = conv->window.kernel.height * conv->window.kernel.width;
    const std::int64_t per_group = in.channels / conv->groups;
    const std::int64_t first = o / (out.channels / conv->groups) * per_group;
    for_each_position(conv->window, in, oy, ox, [&](std::int64_t tap, std::int64_t y, std::int64_t x) {
      for (std::int64_t i = 0; i < per_group; ++i) {
        term(conv->weight[(o * per_group + i) * taps + tap] * value[in.at(first + i, y, x)]);
      }
    });
  } else if (const auto* linear = std::get_if<program::Linear>(&group.connection)) {
    const auto features = static_cast<std::int64_t>(value.size());
    for (std::int64_t i = 0; i < features; ++i)
      term(linear->weight[o * features + i] * value[static_cast<std::size_t>(i)]);
  } else {
    term(std::get<program::Diagonal>(group.connection).weight[o] * value[in.at(o, oy, ox)]);
  }
}

class Simulator {
 public:
  Simulator(const program::Program& program, int timesteps) : program_(program), timesteps_(timesteps) {
    for (const program::Node& node : program.nodes) {
      membranes_.push_back(initial(node));
      spike_sums_.emplace_back(static_cast<std::size_t>(element_count(node.shape)), 0);
      result_.extreme_current.push_back(0);
      result_.extreme_membrane.push_back(0);
    }
  }

  /// `input(t)` is the encoded image of timestep t.
  template <class Input>
  Simulation run(const Input& input) {
    for (t_ = 0; t_ < timesteps_; ++t_) {
      values_.assign(program_.nodes.size(), {});
      values_[0] = input(t_);
      for (std::size_t i = 0; i < program_.nodes.size(); ++i) {
        if (i > 0) values_[i] = step(i);
        for (std::size_t n = 0; n < values_[i].size(); ++n) spike_sums_[i][n] += values_[i][n];
      }
      result_.values.push_back(values_);
    }
    return result_;
  }

 private:
  static Integers initial(const program::Node& node) {
    const auto count = static_cast<std::size_t>(element_count(node.shape));
    return program::visit_kind(
        node.kind, [](const program::InputNode&) { return Integers{}; },
        [&](const program::IfLayer& layer) {
          Integers v(count);
          const std::size_t plane = count / layer.v0.size();
          for (std::size_t n = 0; n < count; ++n) v[n] = layer.v0[n / plane];
          return v;
        },
        [](const program::SumPool&) { return Integers{}; }, [](const program::OrPool&) { return Integers{}; },
        [&](const program::Accumulator&) { return Integers(count, 0); });
  }

  Integers step(std::size_t i) {
    return program::visit_kind(
        program_.nodes[i].kind, [&](const program::InputNode&) { return values_[i]; },
        [&](const program::IfLayer& layer) { return integrate(i, layer, &layer); },
        [&](const program::SumPool& pool) { return pooled(i, pool.source, pool.window, false); },
        [&](const program::OrPool& pool) {
          if (pool.rule == program::MaxPoolRule::maximum_of_counts) return pooled_counts(i, pool);
          return pooled(i, pool.source, pool.window, true);
        },
        [&](const program::Accumulator& output) { return integrate(i, output, nullptr); });
  }

  Integers pooled(std::size_t i, program::NodeIndex source, const Window& window, bool any) const {
    const Extent in(program_.nodes[static_cast<std::size_t>(source)].shape), out(program_.nodes[i].shape);
    Integers result;
    for_each_target(out, [&](std::int64_t c, std::int64_t oy, std::int64_t ox) {
      std::int64_t sum = 0;
      for_each_position(window, in, oy, ox, [&](std::int64_t, std::int64_t y, std::int64_t x) {
        sum += values_[static_cast<std::size_t>(source)][in.at(c, y, x)];
      });
      result.push_back(any ? sum != 0 : sum);
    });
    return result;
  }

  /// By how much the largest (smallest) count under the window grew. The source has been added up to this timestep.
  Integers pooled_counts(std::size_t i, const program::OrPool& pool) const {
    const auto source = static_cast<std::size_t>(pool.source);
    const Extent in(program_.nodes[source].shape), out(program_.nodes[i].shape);
    Integers result;
    for_each_target(out, [&](std::int64_t c, std::int64_t oy, std::int64_t ox) {
      const bool least = !pool.takes_minimum.empty() && pool.takes_minimum[static_cast<std::size_t>(c)] != 0;
      Integers now, before;
      for_each_position(pool.window, in, oy, ox, [&](std::int64_t, std::int64_t y, std::int64_t x) {
        now.push_back(spike_sums_[source][in.at(c, y, x)]);
        before.push_back(now.back() - values_[source][in.at(c, y, x)]);
      });
      const auto pick = [&](const Integers& n) {
        return least ? *std::min_element(n.begin(), n.end()) : *std::max_element(n.begin(), n.end());
      };
      result.push_back(now.empty() ? 0 : pick(now) - pick(before));
    });
    return result;
  }

  std::int64_t spike_of(const program::IfLayer& layer, std::size_t c, std::int64_t v,
                        std::int64_t spikes_so_far) const {
    if (v >= layer.theta[c]) return 1;
    return layer.neuron == program::NeuronKind::signed_ && v < 0 && spikes_so_far > 0 ? -1 : 0;
  }

  /// What integrates, and its neurons; null where it is an accumulator, which never fires.
  template <class Kind>
  Integers integrate(std::size_t i, const Kind& kind, const program::IfLayer* layer) {
    const Extent out(program_.nodes[i].shape);
    Integers result;
    for_each_target(out, [&](std::int64_t c, std::int64_t y, std::int64_t x) {
      std::int64_t& v = membranes_[i][out.at(c, y, x)];
      const auto channel = static_cast<std::size_t>(c);
      v += current(i, out, c, y, x);
      v += program::bias_at(kind, c, t_);
      widen(result_.extreme_membrane[i], v);
      const std::int64_t spike = layer ? spike_of(*layer, channel, v, spike_sums_[i][out.at(c, y, x)]) : 0;
      if (layer) v -= spike * layer->theta[channel];
      widen(result_.extreme_membrane[i], v);
      result.push_back(layer ? spike : v);
    });
    return result;
  }

  std::int64_t current(std::size_t i, const Extent& out, std::int64_t c, std::int64_t y, std::int64_t x) {
    std::int64_t total = 0;
    for (const program::SynapseGroup& group : program::groups_of(program_.nodes[i])) {
      const auto source = static_cast<std::size_t>(group.source);
      const Extent in(program_.nodes[source].shape);
      std::int64_t partial = 0;
      for_each_synapse(group, in, out, values_[source], c, y, x, [&](std::int64_t term) {
        partial += term;
        widen(result_.extreme_current[i], partial);
      });
      total += partial * (std::int64_t{1} << group.shift[static_cast<std::size_t>(c)]);
      widen(result_.extreme_current[i], total);
    }
    return total;
  }

  template <class Visit>
  static void for_each_target(const Extent& out, const Visit& visit) {
    for (std::int64_t c = 0; c < out.channels; ++c) {
      for (std::int64_t y = 0; y < out.height; ++y) {
        for (std::int64_t x = 0; x < out.width; ++x) visit(c, y, x);
      }
    }
  }

  static void widen(std::int64_t& extreme, std::int64_t value) { extreme = std::max(extreme, std::abs(value)); }

  const program::Program& program_;
  int timesteps_;
  int t_ = 0;
  std::vector<Integers> membranes_;
  std::vector<Integers> spike_sums_;  ///< [node]: its values added up
  std::vector<Integers> values_;
  Simulation result_;
};

}  // namespace detail

/// `input(t)` gives the values of the input node at timestep t, in (C, H, W) order.
template <class Input>
Simulation simulate_with(const program::Program& program, int timesteps, const Input& input) {
  return detail::Simulator(program, timesteps).run(input);
}

/// The same encoded image at every timestep.
inline Simulation simulate(const program::Program& program, const Integers& image, int timesteps) {
  return simulate_with(program, timesteps, [&](int) { return image; });
}

}  // namespace neurocuda::testing
