#include "neurocuda/program/bounds.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "neurocuda/program/biases.hpp"
#include "program/drive.hpp"

// The proof. One channel receives a[t] + b at every timestep, with a[t] in [-N, P] and every partial sum of a[t] too.
// Write p = max(P + b, 0) and n = max(N - b, 0) for the net drives, and v[t] for the membrane after the reset.
//
// Upper side, two bounds that both hold, so their minimum does:
//   (a) The reset only lowers v, so v[t] <= v[t-1] + p, hence v[t] <= v0 + t p.
//   (b) Without a spike v[t] <= Theta - 1; with one v[t] <= v[t-1] + p - Theta. So v[t] <= max(Theta - 1, v[t-1] + p -
//   Theta),
//       and by induction v[t] <= max(v0, Theta - 1) + t max(0, p - Theta): constant in t when p <= Theta.
// Lower side: v is not lowered below 0 by a reset (v >= Theta before it). A neuron that has not fired by t has
//   v[t] >= v0 - t n; one that fired last at s >= 1 has v[s] >= 0, hence v[t] >= -(t - s) n >= -(t - 1) n.
// Within a step, v[t-1] + (any partial sum of a[t] + b) goes beyond v[t-1] by at most P + max(b, 0) upwards and
// N + max(-b, 0) downwards. All bounds widen with t, so the last step is the widest.
//
// Biases by timestep: with b[t] in [b-, b+] over the timesteps of the run all of it holds for p = max(P + b+, 0),
// n = max(N - b-, 0) and the peaks of b+ and b-. The range widens with T, up to T' (the mean beyond lies within it).
//
// Signed neurons: the same bounds hold. A spike of -1 comes only while the sum S of the neuron's spikes is positive, so
// S >= 0 always and (a) follows from v[t] = v0 + (what arrived) - Theta S. One raises v from below 0 to below Theta,
// which (b) allows, and a step with one lowers v by less than n, as the lower side assumes of steps without a spike.
// That their readers receive -1 as well is in value_ranges(). In Mode::exact they are plain.
namespace neurocuda::program {
namespace {

constexpr std::int64_t kFloat32Exact = std::int64_t{1} << 24;

/// The smallest and the largest bias of a channel in a run.
struct BiasRange {
  std::int64_t low, high;
};

template <class Layer>
BiasRange bias_range(const Layer& layer, std::size_t c, int timesteps) {
  const auto channel = static_cast<std::int64_t>(c);
  BiasRange range{bias_at(layer, channel, 0), bias_at(layer, channel, 0)};
  for (std::int64_t t = 1; t < std::min<std::int64_t>(bias_timesteps(layer), timesteps); ++t) {
    range.low = std::min<std::int64_t>(range.low, bias_at(layer, channel, t));
    range.high = std::max<std::int64_t>(range.high, bias_at(layer, channel, t));
  }
  return range;
}

/// One channel's drive together with its bias.
struct Step {
  std::int64_t net_up, net_down;    ///< p and n: by how much a whole step can move v
  std::int64_t peak_up, peak_down;  ///< the same for a part of a step

  Step(const Drive& drive, BiasRange bias)
      : net_up(std::max<std::int64_t>(drive.positive + bias.high, 0)),
        net_down(std::max<std::int64_t>(drive.negative - bias.low, 0)),
        peak_up(drive.positive + std::max<std::int64_t>(bias.high, 0)),
        peak_down(drive.negative + std::max<std::int64_t>(-bias.low, 0)) {}

  std::int64_t peak() const { return std::max(peak_up, peak_down); }
};

std::int64_t highest_after(const Step& step, std::int64_t v0, std::int64_t theta, std::int64_t steps) {
  const std::int64_t never_reset = v0 + steps * step.net_up;
  const std::int64_t reset = std::max(v0, theta - 1) + steps * std::max<std::int64_t>(step.net_up - theta, 0);
  return std::min(never_reset, reset);
}

std::int64_t lowest_after(const Step& step, std::int64_t v0, std::int64_t steps) {
  if (steps == 0) return v0;
  return std::min(v0 - steps * step.net_down, -(steps - 1) * step.net_down);
}

/// Widens a node's bounds by one channel.
void include(NodeBounds& bounds, std::int64_t channel, std::int64_t current, std::int64_t membrane,
             std::int64_t integral) {
  bounds.max_current = std::max(bounds.max_current, current);
  bounds.max_integral = std::max(bounds.max_integral, integral);
  if (channel != 0 && membrane <= bounds.max_membrane) return;
  bounds.max_membrane = membrane;
  bounds.worst_channel = channel;
}

void include_neuron(NodeBounds& bounds, const IfLayer& layer, std::size_t c, const Drive& drive, int timesteps) {
  const Step step(drive, bias_range(layer, c, timesteps));
  const std::int64_t v0 = layer.v0[c];
  const std::int64_t high = highest_after(step, v0, layer.theta[c], timesteps - 1) + step.peak_up;
  const std::int64_t low = lowest_after(step, v0, timesteps - 1) - step.peak_down;
  const std::int64_t membrane = std::max({std::abs(v0), std::abs(high), std::abs(low)});
  include(bounds, static_cast<std::int64_t>(c), step.peak(), membrane, std::abs(v0) + timesteps * step.peak());
}

void include_accumulator(NodeBounds& bounds, const Accumulator& output, std::size_t c, const Drive& drive,
                         int timesteps) {
  const Step step(drive, bias_range(output, c, timesteps));
  const std::int64_t high = (timesteps - 1) * step.net_up + step.peak_up;
  const std::int64_t low = (timesteps - 1) * step.net_down + step.peak_down;
  include(bounds, static_cast<std::int64_t>(c), step.peak(), std::max(high, low), timesteps * step.peak());
}

/// The bounds of what a node keeps and receives; nothing for kinds whose value_ranges() say it all.
std::optional<NodeBounds> node_bounds(const Node& node, NodeIndex index, const std::vector<ValueRange>& ranges,
                                      int timesteps) {
  using Found = std::optional<NodeBounds>;
  const auto by_channel = [&](const auto& kind, auto include_channel) -> Found {
    NodeBounds bounds;
    bounds.node = index;
    bounds.name = node.name;
    const std::vector<Drive> drives = channel_drives(node, ranges);
    for (std::size_t c = 0; c < drives.size(); ++c) include_channel(bounds, kind, c, drives[c], timesteps);
    return bounds;
  };
  return visit_kind(
      node.kind, [](const InputNode&) -> Found { return std::nullopt; },
      [&](const IfLayer& layer) { return by_channel(layer, include_neuron); },
      [](const SumPool&) -> Found { return std::nullopt; }, [](const OrPool&) -> Found { return std::nullopt; },
      [&](const Accumulator& output) { return by_channel(output, include_accumulator); });
}

/// The largest integer of a node that a float32 simulator would have to hold.
std::int64_t largest_value(const Node& node, const NodeBounds& bounds) {
  const std::int64_t reached = std::max(bounds.max_current, bounds.max_membrane);
  return visit_kind(
      node.kind, [&](const InputNode&) { return reached; },
      [&](const IfLayer& layer) {
        return std::max<std::int64_t>(reached, *std::max_element(layer.theta.begin(), layer.theta.end()));
      },
      [&](const SumPool&) { return reached; }, [&](const OrPool&) { return reached; },
      [&](const Accumulator&) { return reached; });
}

void note_first(std::string& first, bool beyond, const Node& node) {
  if (beyond && first.empty()) first = node.name;
}

void require_timesteps(const Program& program, int timesteps) {
  if (timesteps >= 1 && timesteps <= kMaxTimesteps) return;
  fail("{} timesteps were asked of '{}': the number must be 1..{}", timesteps, program.name, kMaxTimesteps);
}

bool runnable(const Bounds& bounds, bool accumulate_then_fire) {
  return bounds.fits_int32 && (!accumulate_then_fire || bounds.exact_mode_fits_int32);
}

/// The largest number of timesteps that is proven, 0 when none is. The bounds widen with T, so bisection finds it.
int longest_run(const Program& program, int beyond, bool accumulate_then_fire) {
  int proven = 0;
  while (beyond - proven > 1) {
    const int middle = proven + (beyond - proven) / 2;
    (runnable(prove_bounds(program, middle), accumulate_then_fire) ? proven : beyond) = middle;
  }
  return proven;
}

}  // namespace

Bounds prove_bounds(const Program& program, int timesteps) {
  require_timesteps(program, timesteps);
  const std::vector<ValueRange> ranges = value_ranges(program);
  Bounds bounds;
  bounds.timesteps = timesteps;
  bounds.exact_mode_fits_int32 = true;
  for (std::size_t i = 0; i < program.nodes.size(); ++i) {
    const Node& node = program.nodes[i];
    note_first(bounds.first_beyond_float32, ranges[i].high > kFloat32Exact || ranges[i].low < -kFloat32Exact, node);
    const auto limits = node_bounds(node, static_cast<NodeIndex>(i), ranges, timesteps);
    if (!limits) continue;
    note_first(bounds.first_beyond_int32, std::max(limits->max_current, limits->max_membrane) > INT32_MAX, node);
    note_first(bounds.first_beyond_float32, largest_value(node, *limits) > kFloat32Exact, node);
    bounds.exact_mode_fits_int32 = bounds.exact_mode_fits_int32 && limits->max_integral <= INT32_MAX;
    bounds.nodes.push_back(*limits);
  }
  bounds.fits_int32 = bounds.first_beyond_int32.empty();
  bounds.exact_in_float32 = bounds.first_beyond_float32.empty();
  return bounds;
}

void require_runnable(const Program& program, int timesteps, bool accumulate_then_fire) {
  const Bounds bounds = prove_bounds(program, timesteps);
  if (runnable(bounds, accumulate_then_fire)) return;
  for (const NodeBounds& node : bounds.nodes) {
    const std::int64_t reach =
        std::max({node.max_current, node.max_membrane, accumulate_then_fire ? node.max_integral : 0});
    if (reach <= INT32_MAX) continue;
    const int longest = longest_run(program, timesteps, accumulate_then_fire);
    fail("layer '{}' of '{}' could reach {} within {} timesteps (channel {}), beyond int32: {}",
         program.nodes[static_cast<std::size_t>(node.node)].name, program.name, reach, timesteps, node.worst_channel,
         longest == 0 ? "its weights, bias or v0 are too large, convert the network again"
                      : fmt::format("run at most {} timesteps", longest));
  }
}

}  // namespace neurocuda::program
