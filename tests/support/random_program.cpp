#include "support/random_program.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "neurocuda/base/random.hpp"
#include "neurocuda/program/biases.hpp"
#include "neurocuda/program/bounds.hpp"

namespace neurocuda::testing {
namespace {

using namespace program;

/// Every random Program can be run for so many timesteps, in both modes.
constexpr int kRunnableTimesteps = 64;

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}

  Program make() {
    program_.name = "random";
    program_.timesteps = static_cast<int>(between(1, 12));
    add_input();
    const std::int64_t count = between(2, 6);
    for (std::int64_t i = 0; i < count; ++i) add_node();
    add_accumulator();
    return std::move(program_);
  }

 private:
  std::int64_t between(std::int64_t low, std::int64_t high) { return low + random_.below(high - low + 1); }
  bool chance(double probability) { return random_.uniform() < probability; }
  const Shape& shape(NodeIndex node) const { return program_.nodes[static_cast<std::size_t>(node)].shape; }
  NodeIndex last() const { return static_cast<NodeIndex>(program_.nodes.size()) - 1; }
  bool holds_spikes(NodeIndex node) const {
    return visit_kind(
        program_.nodes[static_cast<std::size_t>(node)].kind, [](const InputNode&) { return false; },
        [](const IfLayer&) { return true; }, [](const SumPool&) { return false; }, [](const OrPool&) { return true; },
        [](const Accumulator&) { return false; });
  }

  void add_input() {
    InputNode input;
    input.encoding = chance(0.5) ? InputEncoding::constant_current : InputEncoding::spike_train;
    input.bits = static_cast<int>(between(2, 8));
    const Shape shape = chance(0.1) ? Shape{between(1, 40)} : Shape{between(1, 20), between(1, 9), between(1, 9)};
    input.scale.assign(static_cast<std::size_t>(channels(shape)), 0.05);
    program_.nodes.push_back({"input", shape, input});
  }

  void add_node() {
    const bool image = shape(last()).size() == 3;
    const double draw = random_.uniform();
    if (image && draw < 0.15) return add_pool<SumPool>();
    if (image && draw < 0.30 && holds_spikes(last())) return add_pool<OrPool>();
    add_layer();
  }

  Tensor<std::int8_t> weights(const Shape& shape) {
    const std::int64_t reach = chance(0.2) ? 127 : between(1, 127);
    Tensor<std::int8_t> weight(shape);
    for (std::int8_t& value : weight.values()) value = static_cast<std::int8_t>(between(-reach, reach));
    if (chance(0.1))
      std::fill(weight.values().begin(), weight.values().end(), static_cast<std::int8_t>(127));  // int16 overflows
    return weight;
  }

  /// A window that leaves at least one position of (height, width).
  Window window(Size2 in) {
    Window w;
    do {
      w.kernel = {between(1, 4), between(1, 4)};
      w.stride = {between(1, 3), between(1, 3)};
      w.padding = {between(0, 2), between(0, 2)};
      w.dilation = {between(1, 2), between(1, 2)};
    } while (output_size(w, in).height < 1 || output_size(w, in).width < 1);
    return w;
  }

  std::int64_t random_channels() { return chance(0.15) ? between(33, 150) : between(1, 20); }

  /// A divisor of both channel counts.
  std::int64_t conv_groups(std::int64_t in, std::int64_t out) {
    std::vector<std::int64_t> divisors;
    for (std::int64_t d = 1; d <= std::min(in, out); ++d) {
      if (in % d == 0 && out % d == 0) divisors.push_back(d);
    }
    return divisors[static_cast<std::size_t>(random_.below(static_cast<std::int64_t>(divisors.size())))];
  }

  Conv conv(NodeIndex source, std::int64_t outputs, const Window& window) {
    const std::int64_t inputs = shape(source)[0];
    const std::int64_t groups = chance(0.5) ? 1 : conv_groups(inputs, outputs);
    return {weights({outputs, inputs / groups, window.kernel.height, window.kernel.width}), window, groups};
  }

  SynapseGroup group(NodeIndex source, std::int64_t outputs, Connection connection, double shifted) {
    SynapseGroup made;
    made.name = "group" + std::to_string(group_names_++);
    made.source = source;
    made.connection = std::move(connection);
    for (std::int64_t c = 0; c < outputs; ++c) {
      made.shift.push_back(static_cast<std::uint8_t>(chance(shifted) ? between(0, kMaxShift) : 0));
    }
    return made;
  }

  /// The same channels and a window that maps one size to the other, as the block's shortcut would.
  std::optional<Window> window_between(const Shape& from, const Shape& to) {
    for (int attempt = 0; attempt < 30; ++attempt) {
      const Window w = window({from[1], from[2]});
      if (output_size(w, {from[1], from[2]}) == Size2{to[1], to[2]}) return w;
    }
    return std::nullopt;
  }

  /// One more branch into a layer of this shape from any earlier node, if one fits.
  void add_branch(const Shape& target, std::vector<SynapseGroup>& groups) {
    const NodeIndex source = static_cast<NodeIndex>(random_.below(last() + 1));
    const std::int64_t outputs = channels(target);
    if (source != 0 && shape(source) == target && chance(0.7)) {
      groups.push_back(group(source, outputs, Diagonal{weights({outputs})}, 0.7));
    } else if (target.size() == 1) {
      groups.push_back(group(source, outputs, Linear{weights({outputs, element_count(shape(source))})}, 0.1));
    } else if (shape(source).size() == 3) {
      const std::optional<Window> fits = window_between(shape(source), target);
      if (fits) groups.push_back(group(source, outputs, conv(source, outputs, *fits), 0.3));
    }
  }

  void add_layer() {
    const Shape& from = shape(last());
    Shape target;
    std::vector<SynapseGroup> groups;
    const double shifted = chance(0.3) ? 0.5 : 0.0;
    if (from.size() == 3 && chance(0.8)) {
      const bool same = chance(0.5);
      Window w = same ? Window{{3, 3}, {1, 1}, {1, 1}, {1, 1}} : window({from[1], from[2]});
      const Size2 out = output_size(w, {from[1], from[2]});
      target = {chance(0.5) ? from[0] : random_channels(), out.height, out.width};
      groups.push_back(group(last(), target[0], conv(last(), target[0], w), shifted));
    } else {
      target = {random_channels()};
      groups.push_back(group(last(), target[0], Linear{weights({target[0], element_count(from)})}, shifted));
    }
    for (std::int64_t more = between(0, 2); more > 0; --more) add_branch(target, groups);
    add_if_layer(target, std::move(groups));
  }

  /// Thresholds near what a few spikes bring, so that neurons neither stay silent nor fire all the time.
  void add_if_layer(const Shape& target, std::vector<SynapseGroup> groups) {
    IfLayer layer;
    const std::int64_t level = typical_current(groups);
    for (std::int64_t c = 0; c < channels(target); ++c) {
      const std::int64_t theta =
          2 * std::max<std::int64_t>(1, static_cast<std::int64_t>(level * (0.1 + random_.uniform())));
      layer.theta.push_back(static_cast<std::int32_t>(theta));
      layer.v0.push_back(static_cast<std::int32_t>(chance(0.7) ? theta / 2 : between(-theta, theta)));
      layer.bias.push_back(static_cast<std::int32_t>(chance(0.3) ? 0 : between(-theta / 8, theta / 4)));
      layer.scale.push_back(0.01);
    }
    layer.groups = std::move(groups);
    program_.nodes.push_back({"layer" + std::to_string(program_.nodes.size()), target, layer});
  }

  /// The spread of the current if a quarter of the sources were active.
  std::int64_t typical_current(const std::vector<SynapseGroup>& groups) {
    double variance = 1;
    for (const SynapseGroup& from : groups) {
      const auto& weight =
          std::visit([](const auto& any) -> const Tensor<std::int8_t>& { return any.weight; }, from.connection);
      const double outputs = static_cast<double>(from.shift.size());
      const double amount = from.source == 0 && program_.input().encoding == InputEncoding::constant_current
                                ? (1 << (program_.input().bits - 1)) * 0.5
                                : 0.5;
      for (const std::int8_t value : weight.values()) variance += value * value * amount * amount / outputs;
    }
    return static_cast<std::int64_t>(std::sqrt(variance));
  }

  template <class Pool>
  void add_pool() {
    const Shape from = shape(last());
    Window w = window({from[1], from[2]});
    w.ceil_mode = program_.nodes.size() % 2 == 0;
    const Size2 out = output_size(w, {from[1], from[2]});
    program_.nodes.push_back(
        {"pool" + std::to_string(program_.nodes.size()), {from[0], out.height, out.width}, Pool{last(), w}});
  }

  void add_accumulator() {
    Accumulator output;
    const std::int64_t classes = between(1, 12);
    output.groups.push_back(group(last(), classes, Linear{weights({classes, element_count(shape(last()))})}, 0.1));
    if (chance(0.3)) add_branch({classes}, output.groups);
    for (std::int64_t c = 0; c < classes; ++c) output.bias.push_back(static_cast<std::int32_t>(between(-500, 500)));
    output.scale = 0.001;
    program_.nodes.push_back({"output", {classes}, output});
  }

  Random random_;
  Program program_;
  int group_names_ = 0;
};

/// Half of the max pools pool counts, and of these half by the minimum in some channels.
void vary_max_pools(Program& program, Random& random) {
  for (Node& node : program.nodes) {
    auto* pool = node.as<OrPool>();
    if (pool == nullptr || random.uniform() < 0.5) continue;
    pool->rule = MaxPoolRule::maximum_of_counts;
    if (random.uniform() < 0.5) continue;
    pool->takes_minimum.resize(static_cast<std::size_t>(channels(node.shape)));
    for (std::uint8_t& minimum : pool->takes_minimum) minimum = random.uniform() < 0.5;
  }
}

/// Biases by timestep in about half of the layers, around the bias that the layer has: T' above and below the
/// Program's T.
void vary_biases(Program& program, Random& random) {
  const auto vary = [&](auto& layer) {
    if (random.uniform() < 0.5) return;
    const auto channels = static_cast<std::int64_t>(layer.bias.size());
    Tensor<std::int32_t> table({1 + random.below(2 * program.timesteps), channels});
    for (std::int64_t i = 0; i < table.size(); ++i) {
      const std::int64_t bias = layer.bias[static_cast<std::size_t>(i % channels)], reach = 2 + std::abs(bias) / 2;
      table[i] = static_cast<std::int32_t>(bias + random.below(2 * reach + 1) - reach);
    }
    layer.bias = mean_biases(table);
    layer.bias_by_timestep = std::move(table);
  };
  for (Node& node : program.nodes) {
    visit_kind(
        node.kind, [](InputNode&) {}, [&](IfLayer& layer) { vary(layer); }, [](SumPool&) {}, [](OrPool&) {},
        [&](Accumulator& output) { vary(output); });
  }
}

/// A quarter of the Programs have signed neurons, in most of their layers; max pools are then those of counts.
void vary_neurons(Program& program, Random& random) {
  if (random.uniform() < 0.75) return;
  for (Node& node : program.nodes) {
    if (auto* layer = node.as<IfLayer>(); layer != nullptr && random.uniform() < 0.7)
      layer->neuron = NeuronKind::signed_;
    if (auto* pool = node.as<OrPool>(); pool != nullptr) pool->rule = MaxPoolRule::maximum_of_counts;
  }
}

}  // namespace

Program random_program(std::uint64_t seed) {
  for (std::uint64_t attempt = 0;; ++attempt) {
    const std::uint64_t drawn = seed + attempt * 0x9e3779b97f4a7c15ULL;
    Program program = Generator(drawn).make();
    Random biases(~drawn);
    vary_biases(program, biases);
    vary_max_pools(program, biases);
    Random neurons(drawn ^ 0x5bd1e995U);
    vary_neurons(program, neurons);
    validate(program);
    const Bounds bounds = prove_bounds(program, kRunnableTimesteps);
    if (bounds.fits_int32 && bounds.exact_mode_fits_int32) return program;
  }
}

EncodedInput random_input(const Program& program, std::int64_t images, int timesteps, std::uint64_t seed) {
  const bool constant = program.input().encoding == InputEncoding::constant_current;
  Shape shape = program.nodes.front().shape;
  if (!constant) shape.insert(shape.begin(), timesteps);
  shape.insert(shape.begin(), images);
  EncodedInput input(shape);
  Random random(seed);
  const std::int64_t qmax = (1 << (program.input().bits - 1)) - 1;
  const double density = 0.05 + 0.6 * random.uniform();
  for (std::int8_t& value : input.values()) {
    value = static_cast<std::int8_t>(constant ? random.below(2 * qmax + 1) - qmax : random.uniform() < density);
  }
  return input;
}

}  // namespace neurocuda::testing
