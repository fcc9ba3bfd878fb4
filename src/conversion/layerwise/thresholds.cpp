#include "conversion/layerwise/thresholds.hpp"

#include <algorithm>

#include "neurocuda/neurons/channel_kernel.hpp"

namespace neurocuda::conversion::layerwise {
namespace {

constexpr std::int64_t kCandidates = 37;
constexpr double kSmallestShare = 0.1;
constexpr std::int64_t kSamples = 16384;  // of a channel
constexpr std::int64_t kChannelsAtOnce = 8;

/// (C, samples): every so many positions, others in every block.
torch::Tensor samples_of(const ImageBlocks& blocks, const std::vector<torch::Tensor>& activations) {
  const std::int64_t positions = activations.front()[0][0].numel();
  const std::int64_t step = std::max<std::int64_t>(1, positions * blocks.images() / kSamples);
  std::vector<torch::Tensor> parts(activations.size());
  blocks.for_each([&](std::int64_t block) {
    const auto i = static_cast<std::size_t>(block);
    parts[i] = activations[i].transpose(0, 1).flatten(1).slice(1, block % step, std::nullopt, step).contiguous();
  });
  return torch::cat(parts, 1);
}

/// Of some channels: a (C, samples), largest (C,).
torch::Tensor best_thresholds(const torch::Tensor& a, const torch::Tensor& largest, int timesteps) {
  torch::Tensor best, chosen;
  for (std::int64_t i = 0; i < kCandidates; ++i) {
    const double share = kSmallestShare + (1 - kSmallestShare) * static_cast<double>(i) / (kCandidates - 1);
    const auto theta = largest * share;
    const auto unit = (theta / timesteps).unsqueeze(1);
    const auto levels = (a / unit).add_(0.5).floor_().clamp_(0, timesteps);
    const auto error = levels.mul_(unit).sub_(a).square_().mean(1);
    if (!best.defined()) {
      best = error;
      chosen = theta;
      continue;
    }
    const auto better = error < best;
    best = torch::where(better, error, best);
    chosen = torch::where(better, theta, chosen);
  }
  return chosen;
}

}  // namespace

torch::Tensor largest_by_channel(const ImageBlocks& blocks, const std::vector<torch::Tensor>& activations) {
  std::vector<torch::Tensor> parts(activations.size());
  blocks.for_each([&](std::int64_t block) {
    const auto i = static_cast<std::size_t>(block);
    parts[i] = activations[i].transpose(0, 1).flatten(1).amax(1);
  });
  return torch::stack(parts).amax(0);
}

torch::Tensor least_squares_thresholds(const ImageBlocks& blocks, const std::vector<torch::Tensor>& activations,
                                       int timesteps) {
  const auto largest = largest_by_channel(blocks, activations);
  const auto fires = largest > 0;
  if (!fires.any().item<bool>()) return torch::ones_like(largest);
  const auto samples = samples_of(blocks, activations);
  const std::int64_t channels = largest.numel();
  const std::int64_t parts = (channels + kChannelsAtOnce - 1) / kChannelsAtOnce;
  std::vector<torch::Tensor> chosen(static_cast<std::size_t>(parts));
  const auto safe = torch::where(fires, largest, torch::ones_like(largest));
  blocks.in_parallel(parts, [&](std::int64_t part) {
    const std::int64_t begin = part * kChannelsAtOnce, count = std::min(kChannelsAtOnce, channels - begin);
    chosen[static_cast<std::size_t>(part)] =
        best_thresholds(samples.narrow(0, begin, count), safe.narrow(0, begin, count), timesteps);
  });
  const auto thresholds = torch::cat(chosen);
  return torch::where(fires, thresholds, thresholds.masked_select(fires).median());
}

}  // namespace neurocuda::conversion::layerwise
