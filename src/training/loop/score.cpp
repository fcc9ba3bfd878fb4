#include "neurocuda/training/score.hpp"

#include <algorithm>
#include <cmath>

namespace neurocuda::training {
namespace {

/// Of the trained networks, the one that fits seen images as nearly as well as the start; null without fits.
const Fit* nearest_fit(const std::vector<Score>& scores) {
  const Fit* nearest = nullptr;
  const auto distance = [&](const Fit& fit) { return std::abs(fit.seen_accuracy - scores[0].fit->seen_accuracy); };
  for (std::size_t epoch = 1; epoch < scores.size(); ++epoch) {
    if (!scores[0].fit || !scores[epoch].fit) continue;
    if (!nearest || distance(*scores[epoch].fit) < distance(*nearest)) nearest = &*scores[epoch].fit;
  }
  return nearest;
}

double variance(double accuracy) { return accuracy * (1 - accuracy); }

/// Of the difference of the accuracies, two binomial means.
double standard_error(const Fit& fit) {
  return std::sqrt((variance(fit.seen_accuracy) + variance(fit.held_out_accuracy)) /
                   static_cast<double>(std::max<std::int64_t>(fit.images, 1)));
}

/// Whether `a` is kept instead of `b`, the highest accuracy of all being `highest`.
bool takes_place(const Score& a, const Score& b, double highest, std::int64_t tied_images) {
  if (tied_images == 0 || a.synops > 0 || b.synops > 0) return better(a, b);
  const double lowest = highest - std::sqrt(variance(highest) / static_cast<double>(tied_images));
  const bool a_tied = a.accuracy >= lowest, b_tied = b.accuracy >= lowest;
  return a_tied && b_tied ? a.cross_entropy < b.cross_entropy : a_tied;
}

}  // namespace

Fit fit_of(const Score& seen, const Score& held_out, std::int64_t images) {
  return {seen.accuracy, held_out.accuracy, seen.cross_entropy, held_out.cross_entropy, images};
}

bool better(const Score& a, const Score& b) {
  if (a.synops > 0 || b.synops > 0) return a.cross_entropy + a.synops < b.cross_entropy + b.synops;
  return a.accuracy != b.accuracy ? a.accuracy > b.accuracy : a.cross_entropy < b.cross_entropy;
}

Score handicapped_start(const std::vector<Score>& scores) {
  Score start = scores.front();
  const Fit* fit = nearest_fit(scores);
  if (!fit) return start;
  const double gap = fit->seen_accuracy - fit->held_out_accuracy;
  const double handicap = gap - standard_error(*fit);
  if (handicap <= 0) return start;
  start.accuracy -= handicap;
  // The cross-entropies' own error is not known: the same share of their gap.
  start.cross_entropy += std::max(0.0, fit->held_out_cross_entropy - fit->seen_cross_entropy) * handicap / gap;
  return start;
}

int best_trained(const std::vector<Score>& scores, std::int64_t tied_images) {
  std::size_t kept = 1;
  double highest = scores[1].accuracy;
  for (std::size_t epoch = 2; epoch < scores.size(); ++epoch) {
    highest = std::max(highest, scores[epoch].accuracy);
    if (takes_place(scores[epoch], scores[kept], highest, tied_images)) kept = epoch;
  }
  return static_cast<int>(kept);
}

int choose_epoch(const std::vector<Score>& scores, std::int64_t tied_images) {
  if (scores.size() < 2) return 0;
  const int best = best_trained(scores, tied_images);
  const Score start = handicapped_start(scores);
  double highest = start.accuracy;
  for (std::size_t epoch = 1; epoch < scores.size(); ++epoch) highest = std::max(highest, scores[epoch].accuracy);
  return takes_place(scores[static_cast<std::size_t>(best)], start, highest, tied_images) ? best : 0;
}

}  // namespace neurocuda::training
