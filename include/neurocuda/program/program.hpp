#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "neurocuda/base/shape.hpp"
#include "neurocuda/base/tensor.hpp"
#include "neurocuda/program/mode.hpp"
#include "neurocuda/program/neuron_kind.hpp"

/// The flat integer network that executables run. The arithmetic is fixed in docs/architecture.md
/// ("The arithmetic"): int8 weights, int32 membranes, soft reset, one bit per spike.
namespace neurocuda::program {

/// Longest run that any executable accepts.
inline constexpr int kMaxTimesteps = 4096;
/// Largest left shift of a synapse group.
inline constexpr int kMaxShift = 7;

/// Position of a node in Program::nodes. Node 0 is the input.
using NodeIndex = std::int32_t;

/// Cross-correlation. weight (O, I / groups, KH, KW); window.kernel equals (KH, KW).
struct Conv {
  Tensor<std::int8_t> weight;
  Window window;
  std::int64_t groups = 1;
  bool operator==(const Conv&) const = default;
};
/// weight (O, I); reads the source flattened in (C, H, W) order.
struct Linear {
  Tensor<std::int8_t> weight;
  bool operator==(const Linear&) const = default;
};
/// Channel c of the source to channel c of the target, same position: an identity skip. weight (C,).
struct Diagonal {
  Tensor<std::int8_t> weight;
  bool operator==(const Diagonal&) const = default;
};
using Connection = std::variant<Conv, Linear, Diagonal>;

/// One branch of current into a layer (names are unique within it). Contributes (sum over arriving values of weight x
/// value) << shift[c].
struct SynapseGroup {
  std::string name;  ///< of the graph node it came from ("layer1.0.conv1"; the add for an identity skip)
  NodeIndex source = 0;
  Connection connection;
  std::vector<std::uint8_t> shift;  ///< (O,), 0..kMaxShift
  bool operator==(const SynapseGroup&) const = default;
};

enum class InputEncoding {
  constant_current,  ///< one integer image, the same current at every timestep
  spike_train,       ///< a 0/1 image for every timestep
};

/// The image on its integer grid: q = clip(round_half_even(x / scale[c]), -qmax, qmax), qmax = 2^(bits-1) - 1,
/// where x is the normalised pixel (pixel / 255 - mean[c]) / stddev[c].
struct InputNode {
  InputEncoding encoding = InputEncoding::constant_current;
  int bits = 8;
  std::vector<double> scale;        ///< (C,)
  std::vector<float> mean, stddev;  ///< (C,) each, or empty when unknown
  bool operator==(const InputNode&) const = default;
};

/// IF neurons: v[t] = v[t-1] + a[t] + bias; s as its NeuronKind says; v -= theta s; v[-1] = v0. All (C,); theta is
/// positive and even.
struct IfLayer {
  std::vector<SynapseGroup> groups;
  std::vector<std::int32_t> bias, theta, v0;
  std::vector<double> scale;  ///< k_c: one integer unit in the float network's units
  NeuronKind neuron = NeuronKind::plain;
  Tensor<std::int32_t> bias_by_timestep{};  ///< (T', C), or empty: `bias` at every timestep. See program/biases.hpp
  std::optional<double> density = std::nullopt;  ///< spikes per neuron and timestep, measured in calibration; 0..1
  bool operator==(const IfLayer&) const = default;
};
/// Sum of the values under the window; zero padding. Its 1/area lies in the weights that follow.
struct SumPool {
  NodeIndex source = 0;
  Window window;
  bool operator==(const SumPool&) const = default;
};
/// How the spikes under a window become one.
enum class MaxPoolRule {
  or_per_timestep,    ///< their OR; not for signed spikes
  maximum_of_counts,  ///< max N_i[t] - max N_i[t-1], with N_i[t] the sum of the spikes of position i up to t
};

/// Max pooling of spikes. The source is an IfLayer or another OrPool; padding does not take part.
struct OrPool {
  NodeIndex source = 0;
  Window window;
  MaxPoolRule rule = MaxPoolRule::or_per_timestep;
  std::vector<std::uint8_t> takes_minimum{};  ///< (C,), 1: the minimum of the counts; empty: the maximum everywhere
  bool operator==(const OrPool&) const = default;
};
/// The last layer, (classes,) or (classes, 1, 1): accumulates a[t] + bias over t and never fires. logits = accumulator
/// x scale / T.
struct Accumulator {
  std::vector<SynapseGroup> groups;
  std::vector<std::int32_t> bias;  ///< (O,)
  double scale = 1.0;
  Tensor<std::int32_t> bias_by_timestep{};  ///< (T', O), or empty, as in IfLayer
  bool operator==(const Accumulator&) const = default;
};

using NodeKind = std::variant<InputNode, IfLayer, SumPool, OrPool, Accumulator>;

struct Node {
  std::string name;
  Shape shape;  ///< (C, H, W) or (C,)
  NodeKind kind;

  template <class K>
  const K* as() const {
    return std::get_if<K>(&kind);
  }
  template <class K>
  K* as() {
    return std::get_if<K>(&kind);
  }
  bool operator==(const Node&) const = default;
};

/// Nodes stand in topological order: node 0 is the InputNode, the last is the Accumulator, every source is
/// smaller than its reader.
struct Program {
  std::string name = "network";
  int timesteps = 32;  ///< the T that the network was converted for; executables run any T up to their bound
  std::vector<Node> nodes;
  Mode mode = Mode::synchronous;  ///< the mode that the network was converted for
  std::string settings;           ///< what it was converted with, one JSON object as text; empty when unknown
  std::string made_by;            ///< the software that converted it, "neurocuda 0.1.0"; empty when unknown
  bool operator==(const Program&) const = default;

  const InputNode& input() const { return *nodes.front().as<InputNode>(); }
  const Accumulator& output() const { return *nodes.back().as<Accumulator>(); }
};

/// The synapse groups of a node; empty for nodes that have none.
const std::vector<SynapseGroup>& groups_of(const Node& node);
/// The nodes that a node reads, in order.
std::vector<NodeIndex> sources_of(const Node& node);
/// Channels and positions per channel: (C, H W) for (C, H, W), (C, 1) for (C,).
std::int64_t channels(const Shape& shape);
std::int64_t plane(const Shape& shape);

/// Checks every structural rule above (indices, shapes, sizes, ranges); windows up to 4096, 2^28 values in all, sum
/// pools within int32. Throws UserError that names the node. A Program that passes can be run by every executable
/// without further checks, if that knows all its kinds of neurons, biases and pools (runtime::compile says so).
void validate(const Program& program);

using neurocuda::to_string;  // of shapes: the overload below would hide them in this namespace
/// A table of the nodes with shapes, groups, thresholds.
std::string to_string(const Program& program);

/// Total number of IF neurons.
std::int64_t neuron_count(const Program& program);
/// Dense multiply-accumulates that one timestep would take, without those of groups that read a constant current (see
/// input_macs).
std::int64_t dense_macs_per_timestep(const Program& program);
/// Multiply-accumulates of the groups that read a constant current (the input, or sum pools over it): once per image. 0
/// for spike trains, whose groups count at every timestep.
std::int64_t input_macs(const Program& program);

}  // namespace neurocuda::program
