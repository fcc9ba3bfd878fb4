#include "runtime/gpu/carried_state.hpp"

#include "neurocuda/program/node_traits.hpp"
#include "runtime/gpu/memory_plan.hpp"

namespace neurocuda::runtime::gpu {

CarriedPlan plan_carried(const program::Program& program, const NetworkPlan& plan, std::int64_t images) {
  CarriedPlan carried;
  const auto place = [&](const PlannedNode& node) {
    const std::int64_t offset = carried.total;
    const auto bytes = static_cast<std::int64_t>(sizeof(std::int32_t)) * images * node.channels * node.positions();
    carried.total += (bytes + kMemoryAlignment - 1) / kMemoryAlignment * kMemoryAlignment;
    return offset;
  };
  for (std::size_t i = 0; i < program.nodes.size(); ++i) {
    const PlannedNode& planned = plan.nodes[i];
    CarriedNode node;
    program::visit_kind(
        program.nodes[i].kind, [](const program::InputNode&) {},
        [&](const program::IfLayer& layer) {
          node.values = place(planned);
          if (layer.neuron == program::NeuronKind::signed_) node.sums = place(planned);
        },
        [](const program::SumPool&) {},
        [&](const program::OrPool& pool) {
          if (pool.rule == program::MaxPoolRule::maximum_of_counts) {
            node.values = place(plan.nodes[static_cast<std::size_t>(pool.source)]);
          }
        },
        [&](const program::Accumulator&) { node.values = place(planned); });
    carried.nodes.push_back(node);
  }
  return carried;
}

}  // namespace neurocuda::runtime::gpu
