#include "neurocuda/program/biases.hpp"

namespace neurocuda::program {
namespace {

/// sum / count to the nearest integer, ties to even, without a detour over floating point. count > 0.
std::int64_t rounded_mean(std::int64_t sum, std::int64_t count) {
  std::int64_t below = sum / count;
  std::int64_t rest = sum % count;
  if (rest < 0) {
    --below;
    rest += count;
  }
  const bool up = 2 * rest > count || (2 * rest == count && below % 2 != 0);
  return up ? below + 1 : below;
}

}  // namespace

std::vector<std::int32_t> mean_biases(const Tensor<std::int32_t>& by_timestep) {
  const std::int64_t timesteps = by_timestep.extent(0);
  const std::int64_t channels = by_timestep.extent(1);
  std::vector<std::int64_t> sums(static_cast<std::size_t>(channels), 0);
  for (std::int64_t i = 0; i < by_timestep.size(); ++i) sums[static_cast<std::size_t>(i % channels)] += by_timestep[i];
  std::vector<std::int32_t> means;
  for (const std::int64_t sum : sums) means.push_back(static_cast<std::int32_t>(rounded_mean(sum, timesteps)));
  return means;
}

}  // namespace neurocuda::program
