#include <algorithm>

#include "program/checks.hpp"

namespace neurocuda::program {
namespace {

/// Weights against the shapes they connect.
struct ConnectionCheck {
  const Node& reader;
  const Node& source;
  const SynapseGroup& group;

  void require_weight(const Shape& actual, const Shape& expected) const {
    if (actual == expected) return;
    fail("synapse group '{}' into '{}' has a weight of shape {}: {} into {} needs {}", group.name, reader.name,
         to_string(actual), to_string(source.shape), to_string(reader.shape), to_string(expected));
  }

  void require_rank(const Node& node, std::size_t rank) const {
    if (node.shape.size() == rank) return;
    fail("synapse group '{}' cannot connect {} '{}' to {} '{}': {}", group.name, to_string(source.shape), source.name,
         to_string(reader.shape), reader.name,
         rank == 3 ? "a convolution needs (C, H, W) on both sides" : "a linear map makes (features,)");
  }

  void operator()(const Conv& conv) const {
    require_rank(source, 3);
    require_rank(reader, 3);
    check_window(reader, group.name, conv.window);
    if (conv.window.ceil_mode) fail("convolution '{}' is in ceil mode: that is for pools", group.name);
    const std::int64_t in = channels(source.shape);
    const std::int64_t out = channels(reader.shape);
    if (conv.groups < 1 || in % conv.groups != 0 || out % conv.groups != 0) {
      fail("convolution '{}' has {} groups: they must divide its {} input and {} output channels", group.name,
           conv.groups, in, out);
    }
    require_weight(conv.weight.shape(), {out, in / conv.groups, conv.window.kernel.height, conv.window.kernel.width});
    const Size2 size = output_size(conv.window, {source.shape[1], source.shape[2]});
    if (size != Size2{reader.shape[1], reader.shape[2]}) {
      fail("convolution '{}' makes {} of '{}' {}, but '{}' is {}", group.name, to_string(size), source.name,
           to_string(source.shape), reader.name, to_string(reader.shape));
    }
  }

  void operator()(const Linear& linear) const {
    require_rank(reader, 1);
    require_weight(linear.weight.shape(), {channels(reader.shape), element_count(source.shape)});
  }

  void operator()(const Diagonal& diagonal) const {
    if (source.as<InputNode>()) {
      fail("identity skip '{}' reads the input '{}': put a convolution between", group.name, source.name);
    }
    if (source.shape != reader.shape) {
      fail("identity skip '{}' connects '{}' {} to '{}' {}: the shapes must be equal", group.name, source.name,
           to_string(source.shape), reader.name, to_string(reader.shape));
    }
    require_weight(diagonal.weight.shape(), {channels(reader.shape)});
  }
};

void check_shift(const Node& reader, const SynapseGroup& group) {
  if (static_cast<std::int64_t>(group.shift.size()) != channels(reader.shape)) {
    fail("synapse group '{}' has {} shifts for the {} channels of '{}': there must be one per channel", group.name,
         group.shift.size(), channels(reader.shape), reader.name);
  }
  for (const std::uint8_t shift : group.shift) {
    if (shift > kMaxShift) {
      fail("synapse group '{}' into '{}' has the shift {}: it must be 0..{}", group.name, reader.name,
           static_cast<int>(shift), kMaxShift);
    }
  }
}

}  // namespace

void check_window(const Node& node, std::string_view owner, const Window& window) {
  const auto require = [&](std::string_view what, const Size2& size, std::int64_t least) {
    const auto [low, high] = std::minmax(size.height, size.width);
    if (low >= least && high <= kMaxWindowExtent) return;
    fail("the window of '{}' (node '{}') has the {} {}: both extents must be {}..{}", owner, node.name, what,
         to_string(size), least, kMaxWindowExtent);
  };
  require("kernel", window.kernel, 1);
  require("stride", window.stride, 1);
  require("padding", window.padding, 0);
  require("dilation", window.dilation, 1);
}

void check_group(const Program& program, NodeIndex reader, const SynapseGroup& group) {
  check_source(program, reader, group.source);
  const Node& to = program.nodes[static_cast<std::size_t>(reader)];
  const Node& from = program.nodes[static_cast<std::size_t>(group.source)];
  std::visit(ConnectionCheck{to, from, group}, group.connection);
  check_shift(to, group);
}

}  // namespace neurocuda::program
