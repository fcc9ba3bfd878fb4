#pragma once

#include <string>
#include <vector>

#include "neurocuda/ir/graph.hpp"
#include "passes/paths/linear_map.hpp"

namespace neurocuda::passes::paths {

/// One path of linear operators: from a value of the new graph that a synapse group can read (the input, spikes, pools
/// of them) to currents.
struct Path {
  ir::NodeId base = 0;  ///< in the new graph
  Shape from;           ///< its shape
  Map map;
  std::string name;  ///< of the operator that its group is to be called after; empty while there is none
};

/// A max pool of currents, to be done on the spikes of the ReLU behind it.
struct WaitingPool {
  ir::MaxPool2d pool;
  std::string name;
};

/// Channels of one value, as a sum of paths and a bias per channel.
struct Part {
  std::vector<Path> paths;           ///< empty: behind something that was refused
  std::vector<double> bias;          ///< one per channel
  Shape shape;                       ///< (C, H, W) or (C,), before `pools`
  std::vector<WaitingPool> pools{};  ///< in order: max and ReLU commute

  std::int64_t channels() const { return shape[0]; }
  bool has_bias() const;
  /// (C, H, W) behind the pools.
  Shape shown() const;
};

/// The value of a node of the old graph: parts behind one another along the channels.
struct Current {
  std::vector<Part> parts;
  bool flat = false;  ///< flattened images: (C, H, W) stands for C H W features

  std::int64_t channels() const;
};

std::int64_t weight_count(const Part& part);
std::int64_t weight_count(const Current& current);

/// A value of the new graph as it is.
Current unchanged(ir::NodeId base, const Shape& shape);
/// Channels begin .. begin + count - 1 of a part.
Part slice(const Part& part, std::int64_t begin, std::int64_t count);
/// The parts that hold channels begin .. begin + count - 1.
std::vector<Part> slice(const Current& current, std::int64_t begin, std::int64_t count);
/// Two currents with cuts at the same channels.
void cut_alike(Current& a, Current& b);
/// One part with all channels.
Part merged(const Current& current);
/// Channels that a weight or a positive bias can make fire.
std::vector<std::int64_t> driven_channels(const Part& part);
/// These channels of a part, in their order.
Part selected(const Part& part, const std::vector<std::int64_t>& channels);
/// y = factor x + shift per channel. A negative factor makes minima of the maxima that wait, and maxima of minima.
Part scaled(const Part& part, std::span<const double> factors, std::span<const double> shifts);

}  // namespace neurocuda::passes::paths
