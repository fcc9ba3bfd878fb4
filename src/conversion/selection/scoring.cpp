#include "conversion/selection/scoring.hpp"

#include <algorithm>

#include "conversion/evaluation/float_pass.hpp"
#include "conversion/network/device.hpp"
#include "conversion/network/weight_grid.hpp"
#include "neurocuda/metrics/evaluation.hpp"
#include "neurocuda/passes/passes.hpp"
#include "neurocuda/runtime/backends.hpp"

namespace neurocuda::conversion {
namespace {

constexpr std::int64_t kBatch = 128;

/// Sums over the images seen.
struct Sums {
  std::int64_t images = 0, correct = 0;
  double cross_entropy = 0;

  void add(const torch::Tensor& logits, const torch::Tensor& labels) {
    images += labels.size(0);
    correct += logits.argmax(1).eq(labels).sum().item<std::int64_t>();
    const auto sum = torch::nn::functional::CrossEntropyFuncOptions().reduction(torch::kSum);
    cross_entropy += torch::nn::functional::cross_entropy(logits, labels, sum).item<double>();
  }
  Score score() const {
    const double n = static_cast<double>(std::max<std::int64_t>(images, 1));
    return {static_cast<double>(correct) / n, cross_entropy / n, 0};
  }
};

}  // namespace

ir::Graph deployable(const Network& network, const std::optional<GridOptions>& grid) {
  Network folded(passes::fold_batch_norm(network.to_graph()), network.device());
  if (grid) folded.weight_grid().snap(folded, *grid);
  return folded.to_graph();
}

Score score_program(const Network& network, const std::optional<GridOptions>& grid, const data::Dataset& dataset,
                    const ProgramScoring& scoring, Progress& progress) {
  const torch::NoGradGuard no_grad;
  const auto program = compiler::lower(passes::substitute_if(deployable(network, grid)), scoring.lower).program;
  if (dataset.size() == 0) return {};
  metrics::EvaluateOptions evaluate;
  evaluate.threads = scoring.threads;
  evaluate.batch_size = kBatch;
  evaluate.mode = scoring.mode;
  evaluate.task = "held-out spikes";
  const auto evaluation = metrics::evaluate(*runtime::compile(program, "cpu"), dataset, evaluate, progress);
  const auto dense = static_cast<double>(program::dense_macs_per_timestep(program) * scoring.lower.timesteps);
  return {evaluation.accuracy, evaluation.cross_entropy, scoring.synop_weight * evaluation.synops_per_image / dense};
}

Score score_float(Network& network, const data::Dataset& dataset, const ForwardOptions& forward, Progress& progress) {
  Sums sums;
  progress.start("held-out accuracy", dataset.size());
  for_each_batch(
      network, dataset, forward, 256,
      [&](const torch::Tensor& logits, const torch::Tensor& labels) { sums.add(logits, labels); }, progress);
  progress.finish();
  return sums.score();
}

}  // namespace neurocuda::conversion
