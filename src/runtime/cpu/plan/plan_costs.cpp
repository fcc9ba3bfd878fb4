#include "runtime/cpu/plan/plan_costs.hpp"

#include "runtime/cpu/kernels/dense_kernels.hpp"

namespace neurocuda::runtime::cpu {
namespace {

double units(std::int64_t count, std::int64_t unit) {
  const std::int64_t whole = (count + unit - 1) / unit;
  return static_cast<double>(whole);
}

}  // namespace

SynapseCosts plan_costs(const PlannedNode& source, const PlannedNode& target, const PlannedGroup& group,
                        const Costs& costs) {
  SynapseCosts planned;
  const auto outputs = static_cast<double>(target.positions);
  for (std::size_t i = 0; i < group.convs.size(); ++i) {
    const PackedConv& conv = group.convs[i];
    const bool slides = group.windows[i].has_value();
    const auto taps = static_cast<double>(conv.taps());
    const double vectors = units(conv.padded, costs.vector_bytes);
    const double share = static_cast<double>(conv.inputs) / static_cast<double>(source.channels);
    const double rows = share * taps * outputs / static_cast<double>(source.positions);
    planned.per_spike += rows * vectors * (slides ? costs.window_row : costs.listed_row);
    planned.per_timestep += slides ? outputs * vectors * costs.window_output : outputs * taps * costs.listed_tap;
    planned.dense_per_timestep +=
        outputs * taps * units(conv.inputs, kInputBlock) * units(conv.padded, kChannelBlock) * costs.dense_block;
  }
  return planned;
}

}  // namespace neurocuda::runtime::cpu
