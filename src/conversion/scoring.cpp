#include "conversion/scoring.hpp"

#include <algorithm>

#include "neurocuda/metrics/evaluation.hpp"
#include "neurocuda/network/device.hpp"
#include "neurocuda/network/float_pass.hpp"
#include "neurocuda/network/weight_grid.hpp"
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
    cross_entropy += torch::cross_entropy_loss(logits, labels, {}, at::Reduction::Sum).item<double>();
  }
  training::Score score() const {
    const double n = static_cast<double>(std::max<std::int64_t>(images, 1));
    return {static_cast<double>(correct) / n, cross_entropy / n, 0};
  }
};

}  // namespace

ir::Graph deployable(const network::Network& network, const network::GridOptions& grid) {
  network::Network folded(passes::fold_batch_norm(network.to_graph()), network.device());
  folded.weight_grid().snap(folded, grid);
  return folded.to_graph();
}

training::Score score_program(const network::Network& network, const network::GridOptions& grid,
                              const data::Dataset& dataset, const ProgramScoring& scoring, Progress& progress) {
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

training::Score score_float(network::Network& network, const data::Dataset& dataset,
                            const network::ForwardOptions& forward, Progress& progress) {
  Sums sums;
  progress.start("held-out accuracy", dataset.size());
  network::for_each_batch(
      network, dataset, forward, 256,
      [&](const torch::Tensor& logits, const torch::Tensor& labels) { sums.add(logits, labels); }, progress);
  progress.finish();
  return sums.score();
}

}  // namespace neurocuda::conversion
