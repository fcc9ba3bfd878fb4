#include "passes/fate.hpp"

#include <utility>

#include "neurocuda/passes/operators.hpp"

namespace neurocuda::passes {
namespace {

struct FateOf {
  Fate operator()(const ir::Input&) const {
    return {.reason = "rounded once to a signed integer grid, then a constant current"};
  }
  Fate operator()(const ir::Conv2d&) const { return weights(); }
  Fate operator()(const ir::Linear&) const { return weights(); }
  Fate operator()(const ir::BatchNorm2d&) const { return {.reason = "folded into the weights beside it"}; }
  Fate operator()(const ir::ReLU&) const {
    return {Verdict::approximate, "becomes IF neurons: its value becomes a firing rate over T timesteps",
            "calibrate (convert does), or run more timesteps"};
  }
  Fate operator()(const ir::QCFS&) const {
    return {Verdict::approximate, "becomes IF neurons: equal on average, but spikes may come unevenly in time",
            "run more timesteps, or compare with exact mode"};
  }
  Fate operator()(const ir::IF&) const { return {.reason = "integer membranes and thresholds, soft reset"}; }
  Fate operator()(const ir::Add&) const { return {.reason = "a sum of currents into one layer"}; }
  Fate operator()(const ir::Concat&) const { return {.reason = "its readers take the values one by one"}; }
  Fate operator()(const ir::Slice&) const { return {.reason = "its readers take these channels only"}; }
  Fate operator()(const ir::AvgPool2d&) const { return average(); }
  Fate operator()(const ir::GlobalAvgPool&) const { return average(); }
  Fate operator()(const ir::MaxPool2d&) const {
    return {.reason = "the largest count of spikes under the window, at every timestep"};
  }
  Fate operator()(const ir::Flatten&) const { return {.reason = "only renames positions"}; }
  Fate operator()(const ir::Identity&) const { return {.reason = "does nothing"}; }
  Fate operator()(const ir::Dropout&) const { return {.reason = "does nothing at inference"}; }
  Fate operator()(const ir::Output&) const { return {.reason = "accumulates over time and never fires"}; }

 private:
  static Fate weights() { return {.reason = "int8 weights on a grid per output channel, integer sums"}; }
  static Fate average() { return {.reason = "a sum of spikes; its 1/area goes into the weights behind it"}; }
};

}  // namespace

Fate fate_of(const ir::Operator& op) { return std::visit(FateOf{}, op); }

std::vector<Finding> operators() {
  std::vector<Finding> list;
  [&]<std::size_t... index>(std::index_sequence<index...>) {
    const auto add = [&](const ir::Operator& op) {
      Fate fate = fate_of(op);
      list.push_back(
          {"", std::string(operator_name(op)), fate.verdict, std::move(fate.reason), std::move(fate.remedy)});
    };
    (add(std::variant_alternative_t<index, ir::Operator>{}), ...);
  }
  (std::make_index_sequence<std::variant_size_v<ir::Operator>>{});
  return list;
}

}  // namespace neurocuda::passes
