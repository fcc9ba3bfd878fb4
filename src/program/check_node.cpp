#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "neurocuda/program/node_traits.hpp"
#include "program/checks.hpp"

namespace neurocuda::program {
namespace {

/// One value per channel.
template <class T>
void check_size(const Node& node, std::string_view what, const std::vector<T>& values) {
  if (static_cast<std::int64_t>(values.size()) != channels(node.shape)) {
    fail("node '{}' has {} {} values for {} channels: there must be one per channel", node.name, values.size(), what,
         channels(node.shape));
  }
}

void check_scale(const Node& node, double scale) {
  if (!std::isfinite(scale) || scale <= 0) {
    fail("node '{}' has the scale {}: scales must be positive and finite", node.name, scale);
  }
}

void check_normalization(const Node& node, const InputNode& input) {
  if (input.mean.empty() && input.stddev.empty()) return;
  check_size(node, "mean", input.mean);
  check_size(node, "stddev", input.stddev);
  for (const float mean : input.mean) {
    if (!std::isfinite(mean)) fail("input '{}' has the mean {}: it must be finite", node.name, mean);
  }
  for (const float stddev : input.stddev) {
    if (!std::isfinite(stddev) || stddev <= 0) {
      fail("input '{}' has the stddev {}: it must be positive and finite", node.name, stddev);
    }
  }
}

void check_groups(const Program& program, NodeIndex index) {
  const Node& node = program.nodes[static_cast<std::size_t>(index)];
  if (groups_of(node).empty()) fail("layer '{}' has no synapse group: nothing would ever reach it", node.name);
  std::unordered_set<std::string_view> seen;
  for (const SynapseGroup& group : groups_of(node)) {
    check_name(group.name, "a synapse group");
    if (!seen.insert(group.name).second) {
      fail("layer '{}' has two synapse groups called '{}': names must be unique", node.name, group.name);
    }
    check_group(program, index, group);
  }
}

/// Every position of a pool, and its output shape.
void check_pool(const Program& program, NodeIndex index, NodeIndex source, const Window& window) {
  const Node& node = program.nodes[static_cast<std::size_t>(index)];
  check_source(program, index, source);
  check_window(node, node.name, window);
  const Shape& from = program.nodes[static_cast<std::size_t>(source)].shape;
  if (from.size() != 3) fail("pool '{}' reads a value of shape {}: pools need (C, H, W)", node.name, to_string(from));
  const Size2 out = output_size(window, {from[1], from[2]});
  const Shape expected{from[0], out.height, out.width};
  if (node.shape != expected) {
    fail("pool '{}' has the shape {}: its window makes {} of {}", node.name, to_string(node.shape), to_string(expected),
         to_string(from));
  }
}

/// An OR is made of spikes that neurons fire, not of an input's.
bool may_be_ored(const Node& node) {
  return visit_kind(
      node.kind, [](const InputNode&) { return false; }, [](const IfLayer&) { return true; },
      [](const SumPool&) { return false; }, [](const OrPool&) { return true; },
      [](const Accumulator&) { return false; });
}

struct KindCheck {
  const Program& program;
  NodeIndex index;
  const Node& node;

  void operator()(const InputNode& input) const {
    if (input.bits < 2 || input.bits > 8) fail("input '{}' has {} bits: it must be 2..8", node.name, input.bits);
    if (input.encoding != InputEncoding::constant_current && input.encoding != InputEncoding::spike_train) {
      fail("input '{}' has the unknown encoding {}", node.name, static_cast<int>(input.encoding));
    }
    check_size(node, "scale", input.scale);
    for (const double scale : input.scale) check_scale(node, scale);
    check_normalization(node, input);
  }

  void operator()(const IfLayer& layer) const {
    check_size(node, "bias", layer.bias);
    check_size(node, "theta", layer.theta);
    check_size(node, "v0", layer.v0);
    check_size(node, "scale", layer.scale);
    for (const std::int32_t theta : layer.theta) {
      if (theta <= 0 || theta % 2 != 0) {
        fail("layer '{}' has the threshold {}: thresholds must be positive and even", node.name, theta);
      }
    }
    for (const double scale : layer.scale) check_scale(node, scale);
    check_biases_by_timestep(node, layer.bias, layer.bias_by_timestep);
    check_neurons(node, layer);
    check_groups(program, index);
  }

  void operator()(const SumPool& pool) const { check_pool(program, index, pool.source, pool.window); }

  void operator()(const OrPool& pool) const {
    check_pool(program, index, pool.source, pool.window);
    const Node& source = program.nodes[static_cast<std::size_t>(pool.source)];
    if (!may_be_ored(source)) {
      fail("max pool '{}' reads '{}', which does not hold spikes: it can only read an IF layer or another max pool",
           node.name, source.name);
    }
    check_rule(node, pool);
  }

  void operator()(const Accumulator& accumulator) const {
    if (plane(node.shape) != 1) {
      fail("output layer '{}' has the shape {}: it must have one value per class, (classes,) or (classes, 1, 1)",
           node.name, to_string(node.shape));
    }
    check_size(node, "bias", accumulator.bias);
    check_biases_by_timestep(node, accumulator.bias, accumulator.bias_by_timestep);
    check_scale(node, accumulator.scale);
    check_groups(program, index);
  }
};

}  // namespace

void check_name(const std::string& name, std::string_view what) {
  if (name.empty()) fail("{} has an empty name: give it one", what);
  const bool control = std::any_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  if (control) fail("{} has a control character in its name: use printable names", what);
  if (name == "." || name == ".." || name.find('/') != std::string::npos) {
    fail("{} is called '{}': a name must not be a path", what, name);
  }
}

void check_shape(const Node& node) {
  if (node.shape.size() != 1 && node.shape.size() != 3) {
    fail("node '{}' has the shape {}: it must be (C,) or (C, H, W)", node.name, to_string(node.shape));
  }
  std::int64_t values = 1;
  for (const std::int64_t extent : node.shape) {
    if (extent < 1 || extent > kMaxValues / values) {
      fail("node '{}' has the shape {}: extents must be positive, with at most {} values in all", node.name,
           to_string(node.shape), kMaxValues);
    }
    values *= extent;
  }
}

void check_source(const Program& program, NodeIndex reader, NodeIndex source) {
  if (source < 0 || source >= reader) {
    fail("node '{}' at position {} reads node {}: it can only read nodes before it",
         program.nodes[static_cast<std::size_t>(reader)].name, reader, source);
  }
}

void check_kind(const Program& program, NodeIndex index) {
  const Node& node = program.nodes[static_cast<std::size_t>(index)];
  std::visit(KindCheck{program, index, node}, node.kind);
}

}  // namespace neurocuda::program
