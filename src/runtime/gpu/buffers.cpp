#include "runtime/gpu/buffers.hpp"

#include <algorithm>

#include "neurocuda/program/node_traits.hpp"

namespace neurocuda::runtime::gpu {
namespace {

using program::State;

/// The last node that reads each node; itself where nobody does. The fused kernel reads what a sum pool sums.
std::vector<int> last_readers(const program::Program& program, const NetworkPlan& plan) {
  std::vector<int> last(program.nodes.size());
  for (std::size_t i = 0; i < program.nodes.size(); ++i) {
    last[i] = static_cast<int>(i);
    for (const program::NodeIndex source : program::sources_of(program.nodes[i])) {
      last[static_cast<std::size_t>(source)] = static_cast<int>(i);
    }
    if (!plan.nodes[i].tensor_cores) continue;
    for (const PlannedGroup& group : plan.nodes[i].groups)
      last[static_cast<std::size_t>(spikes_behind(group, plan))] = static_cast<int>(i);
  }
  return last;
}

class BufferPlanner {
 public:
  BufferPlanner(const program::Program& program, const NetworkPlan& plan, const RunShape& run)
      : program_(program), plan_(plan), run_(run), last_(last_readers(program, plan)) {
    buffers_.nodes.resize(program.nodes.size());
  }

  Buffers make() {
    for (std::size_t i = 0; i < program_.nodes.size(); ++i) add_node(i);
    const MemoryPlan placed = plan_memory(pieces_);
    for (std::size_t i = 0; i < pieces_.size(); ++i) *places_[i] = placed.offsets[i];
    buffers_.total = placed.total;
    return std::move(buffers_);
  }

 private:
  void add_node(std::size_t i) {
    const program::Node& node = program_.nodes[i];
    const PlannedNode& planned = plan_.nodes[i];
    NodeBuffers& at = buffers_.nodes[i];
    const int now = static_cast<int>(i);
    const std::int64_t neurons = std::int64_t{planned.channels} * planned.positions();
    const State state = program::state_of(node);
    if (i == 0) add(at.input, 1, steps(planned) * neurons, now, now);
    add_values(at.values, planned, now, last_[i]);
    if (state == State::accumulators && !run_.wanted.by_timestep) add(at.last, sizeof(std::int32_t), neurons, now, now);
    if (state != State::none && !planned.tensor_cores) add(at.drive, sizeof(std::int32_t), neurons, now, now);
    if (run_.wanted.counts && state != State::accumulators) add_once(at.sums, planned, now);
    if (state != State::membranes || run_.wanted.recording == Recording::none) return;
    add(at.record, sizeof(std::uint32_t), run_.timesteps * record_words(planned), now, now);
    if (run_.wanted.recording == Recording::spikes_and_membranes) {
      add(at.membranes, sizeof(std::int32_t), run_.timesteps * neurons, now, now);
    }
  }

  void add_values(std::int64_t& place, const PlannedNode& node, int first, int last) {
    const std::int64_t per_position = node.held == Held::spikes ? node.stride : node.channels;
    add(place, sizeof(std::int32_t), steps(node) * node.positions() * per_position, first, last);
  }

  /// Sums over all images: one buffer whatever the batch.
  void add_once(std::int64_t& place, const PlannedNode& node, int now) {
    if (node.held == Held::constant) return;
    place_piece(place, static_cast<std::int64_t>(sizeof(Counter)) * run_.timesteps * node.positions(), now, now);
  }

  std::int64_t steps(const PlannedNode& node) const { return node.held == Held::constant ? 1 : run_.timesteps; }

  /// `per_image` elements of `size` bytes for every image.
  void add(std::int64_t& place, std::size_t size, std::int64_t per_image, int first, int last) {
    const std::int64_t elements = per_image * run_.images;
    buffers_.largest_elements = std::max(buffers_.largest_elements, elements);
    place_piece(place, elements * static_cast<std::int64_t>(size), first, last);
  }

  void place_piece(std::int64_t& place, std::int64_t bytes, int first, int last) {
    pieces_.push_back({bytes, first, last});
    places_.push_back(&place);
  }

  const program::Program& program_;
  const NetworkPlan& plan_;
  const RunShape& run_;
  std::vector<int> last_;
  Buffers buffers_;
  std::vector<Lifetime> pieces_;
  std::vector<std::int64_t*> places_;  // where the offset of each piece goes
};

}  // namespace

std::int64_t record_words(const PlannedNode& node) {
  const std::int64_t neurons = std::int64_t{node.channels} * node.positions();
  return (neurons + 63) / 64 * 2;
}

Buffers plan_buffers(const program::Program& program, const NetworkPlan& plan, const RunShape& run) {
  return BufferPlanner(program, plan, run).make();
}

}  // namespace neurocuda::runtime::gpu
