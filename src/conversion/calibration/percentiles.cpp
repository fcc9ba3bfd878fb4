#include <algorithm>
#include <cmath>

#include "conversion/usable_activations.hpp"
#include "neurocuda/conversion/calibrate.hpp"
#include "neurocuda/network/device.hpp"
#include "neurocuda/network/float_pass.hpp"
#include "neurocuda/neurons/channel_kernel.hpp"

namespace neurocuda::conversion {
namespace {

constexpr std::int64_t kBins = 4096;
// A channel that never fires still needs a positive lambda.
constexpr double kSmallestOfMedian = 0.01, kSmallestOfLargest = 1e-6;

torch::Tensor rows(const torch::Tensor& x) {
  return x.dim() == 4 ? x.permute({0, 2, 3, 1}).reshape({-1, x.size(1)}) : x;
}

/// Histograms of positive activations per channel: a first pass finds the largest value, a second one counts.
struct ChannelHistogram {
  torch::Tensor largest;  // (C,)
  torch::Tensor counts;   // (C, kBins)
  std::int64_t values = 0;

  void see_largest(const torch::Tensor& x) {
    const auto batch = rows(x).amax(0);
    largest = largest.defined() ? torch::maximum(largest, batch) : batch;
  }

  void count(const torch::Tensor& x) {
    const std::int64_t channels = largest.numel();
    if (!counts.defined()) counts = torch::zeros({channels * kBins}, torch::kInt64);
    const auto values_by_row = rows(x);
    const auto safe = torch::where(largest > 0, largest, torch::ones_like(largest));
    const auto bin = (values_by_row / safe * kBins).floor().clamp(0, kBins - 1).to(torch::kInt64);
    const auto offset = torch::arange(channels, torch::kInt64).to(x.device()) * kBins;
    counts += torch::bincount((bin + offset).flatten(), {}, channels * kBins).cpu();
    values += values_by_row.size(0);
  }

  /// Upper edge of the bin in which the cumulated count reaches the percentile.
  torch::Tensor percentile(double percent) const {
    const auto cumulated = counts.view({-1, kBins}).cumsum(1);
    const auto needed = static_cast<std::int64_t>(percent / 100.0 * static_cast<double>(values));
    const auto bin = cumulated.lt(needed).sum(1).clamp_max(kBins - 1);
    return largest.cpu() * (bin + 1).to(torch::kFloat32) / static_cast<double>(kBins);
  }
};

torch::Tensor made_positive(const torch::Tensor& lambda) {
  const double median = lambda.median().item<double>(), largest = lambda.max().item<double>();
  if (!(largest > 0)) return torch::ones_like(lambda);  // a layer that never fires
  return lambda.clamp_min(std::max(kSmallestOfMedian * median, kSmallestOfLargest * largest));
}

}  // namespace

std::map<std::string, Tensor<float>> activation_percentiles(const ir::Graph& ann, const data::Dataset& dataset,
                                                            double percentile, std::int64_t images,
                                                            const network::ComputeOptions& compute,
                                                            Progress& progress) {
  network::Network network(ann, network::prepare_device(compute));
  const data::Dataset sample = data::head(dataset, images);
  std::map<ir::NodeId, ChannelHistogram> histograms;
  const auto pass = [&](const std::function<void(ChannelHistogram&, const torch::Tensor&)>& see) {
    network::ForwardOptions forward;
    forward.observe = [&](ir::NodeId id, const torch::Tensor& output) { see(histograms[id], output); };
    network::for_each_batch(
        network, sample, forward, 128, [](const torch::Tensor&, const torch::Tensor&) {}, progress);
  };
  progress.start("activation percentiles", 2 * sample.size());
  pass([](ChannelHistogram& histogram, const torch::Tensor& x) { histogram.see_largest(x); });
  for (const auto& [id, histogram] : histograms) require_usable(ann.node(id), histogram.largest.cpu());
  pass([](ChannelHistogram& histogram, const torch::Tensor& x) { histogram.count(x); });
  progress.finish();

  std::map<std::string, Tensor<float>> lambdas;
  for (const auto& [id, histogram] : histograms)
    lambdas[ann.node(id).name] = network::from_torch(made_positive(histogram.percentile(percentile)));
  return lambdas;
}

std::map<std::string, double> largest_activations(const ir::Graph& ann, const data::Dataset& dataset,
                                                  const network::ComputeOptions& compute, Progress& progress) {
  constexpr std::int64_t kImages = 128;
  network::Network network(ann, network::prepare_device(compute));
  const data::Dataset sample = data::head(dataset, kImages);
  std::map<std::string, double> largest;
  network::ForwardOptions forward;
  forward.observe = [&](ir::NodeId id, const torch::Tensor& output) {
    double& value = largest[ann.node(id).name];
    value = std::max(value, output.max().item<double>());
  };
  progress.start("activation sizes", sample.size());
  network::for_each_batch(
      network, sample, forward, kImages, [](const torch::Tensor&, const torch::Tensor&) {}, progress);
  progress.finish();
  return largest;
}

}  // namespace neurocuda::conversion
