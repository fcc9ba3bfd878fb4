#include <algorithm>
#include <unordered_set>

#include "neurocuda/program/bounds.hpp"
#include "program/checks.hpp"

namespace neurocuda::program {
namespace {

constexpr std::size_t kMaxMakerBytes = 200;

void check_layout(const Program& program) {
  const auto& nodes = program.nodes;
  if (nodes.size() < 2)
    fail("program '{}' has {} nodes: it needs an input and an output layer", program.name, nodes.size());
  if (nodes.size() > static_cast<std::size_t>(kMaxValues))
    fail("program '{}' has too many nodes ({})", program.name, nodes.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const bool is_input = nodes[i].as<InputNode>() != nullptr;
    const bool is_output = nodes[i].as<Accumulator>() != nullptr;
    if (is_input != (i == 0)) {
      fail("node '{}' stands at position {}: node 0, and only that, must be the input", nodes[i].name, i);
    }
    if (is_output != (i + 1 == nodes.size())) {
      fail("node '{}' stands at position {} of {}: the last node, and only that, must be the accumulator",
           nodes[i].name, i, nodes.size());
    }
  }
}

void check_names(const Program& program) {
  std::unordered_set<std::string_view> seen;
  for (const Node& node : program.nodes) {
    check_name(node.name, "a node");
    if (!seen.insert(node.name).second) fail("two nodes are called '{}': names must be unique", node.name);
  }
}

void check_sizes(const Program& program) {
  std::int64_t total = 0;
  for (const Node& node : program.nodes) {
    check_shape(node);
    total += element_count(node.shape);
    if (total > kMaxValues) {
      fail("node '{}': the program has more than {} values up to here; it is too large to run", node.name, kMaxValues);
    }
  }
}

void check_ranges(const Program& program) {
  const std::vector<ValueRange> ranges = value_ranges(program);
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    if (ranges[i].high > INT32_MAX || ranges[i].low < -INT32_MAX) {
      fail("sum pool '{}' can reach a value beyond int32 (about {}): use smaller windows", program.nodes[i].name,
           std::max(ranges[i].high, -ranges[i].low));
    }
    const auto* pool = program.nodes[i].as<OrPool>();
    if (pool && pool->rule == MaxPoolRule::or_per_timestep && ranges[static_cast<std::size_t>(pool->source)].low < 0) {
      fail("max pool '{}' makes an OR of signed spikes: signed neurons need the maximum of counts",
           program.nodes[i].name);
    }
  }
}

void check_origin(const Program& program) {
  if (program.mode != Mode::synchronous && program.mode != Mode::exact) {
    fail("program '{}' has the unknown mode {}", program.name, static_cast<int>(program.mode));
  }
  const std::string& maker = program.made_by;
  const bool printable = std::all_of(maker.begin(), maker.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
  if (maker.size() > kMaxMakerBytes || !printable) {
    fail("program '{}' does not name the software that made it in at most {} printable ASCII characters", program.name,
         kMaxMakerBytes);
  }
}

}  // namespace

void validate(const Program& program) {
  check_layout(program);
  check_names(program);
  check_sizes(program);
  if (program.timesteps < 1 || program.timesteps > kMaxTimesteps) {
    fail("program '{}' states {} timesteps: it must be 1..{}", program.name, program.timesteps, kMaxTimesteps);
  }
  check_origin(program);
  for (std::size_t i = 0; i < program.nodes.size(); ++i) check_kind(program, static_cast<NodeIndex>(i));
  check_ranges(program);
}

}  // namespace neurocuda::program
