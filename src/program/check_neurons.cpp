#include <algorithm>

#include "neurocuda/program/biases.hpp"
#include "program/checks.hpp"

namespace neurocuda::program {

void check_biases_by_timestep(const Node& node, const std::vector<std::int32_t>& bias,
                              const Tensor<std::int32_t>& by_timestep) {
  if (by_timestep.empty() && by_timestep.shape().empty()) return;
  const Shape& shape = by_timestep.shape();
  if (shape.size() != 2 || shape[0] < 1 || shape[0] > kMaxTimesteps || shape[1] != channels(node.shape)) {
    fail("layer '{}' has biases by timestep of shape {}: it must be (timesteps, {}), at most {} timesteps", node.name,
         to_string(shape), channels(node.shape), kMaxTimesteps);
  }
  const std::vector<std::int32_t> means = mean_biases(by_timestep);
  const auto [own, mean] = std::mismatch(bias.begin(), bias.end(), means.begin());
  if (own == bias.end()) return;
  fail("layer '{}' has the bias {} in channel {}: with biases by timestep it must be their mean, {}", node.name, *own,
       own - bias.begin(), *mean);
}

void check_neurons(const Node& node, const IfLayer& layer) {
  if (layer.neuron != NeuronKind::plain && layer.neuron != NeuronKind::signed_) {
    fail("layer '{}' has the unknown kind of neuron {}", node.name, static_cast<int>(layer.neuron));
  }
  if (layer.density && !(*layer.density >= 0 && *layer.density <= 1)) {
    fail("layer '{}' has the density {}: it must be 0..1, spikes per neuron and timestep", node.name, *layer.density);
  }
}

void check_rule(const Node& node, const OrPool& pool) {
  if (pool.rule != MaxPoolRule::or_per_timestep && pool.rule != MaxPoolRule::maximum_of_counts) {
    fail("max pool '{}' has the unknown rule {}", node.name, static_cast<int>(pool.rule));
  }
  if (pool.takes_minimum.empty()) return;
  if (pool.rule != MaxPoolRule::maximum_of_counts) {
    fail("max pool '{}' takes a minimum: only a maximum of counts can, not an OR", node.name);
  }
  if (static_cast<std::int64_t>(pool.takes_minimum.size()) != channels(node.shape)) {
    fail("max pool '{}' has {} choices of maximum or minimum for {} channels: there must be one per channel", node.name,
         pool.takes_minimum.size(), channels(node.shape));
  }
  const auto flag =
      std::find_if(pool.takes_minimum.begin(), pool.takes_minimum.end(), [](std::uint8_t value) { return value > 1; });
  if (flag == pool.takes_minimum.end()) return;
  fail("max pool '{}' has the choice {}: it must be 0, the maximum, or 1, the minimum", node.name, +*flag);
}

}  // namespace neurocuda::program
