#include "conversion/training/score.hpp"

#include <algorithm>
#include <cmath>

namespace neurocuda::conversion {
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

/// Of the difference of the accuracies, two binomial means.
double standard_error(const Fit& fit) {
  const auto variance = [](double p) { return p * (1 - p); };
  return std::sqrt((variance(fit.seen_accuracy) + variance(fit.held_out_accuracy)) /
                   static_cast<double>(std::max<std::int64_t>(fit.images, 1)));
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

int best_trained(const std::vector<Score>& scores) {
  const auto worse = [](const Score& a, const Score& b) { return better(b, a); };
  return static_cast<int>(std::max_element(scores.begin() + 1, scores.end(), worse) - scores.begin());
}

int choose_epoch(const std::vector<Score>& scores) {
  if (scores.size() < 2) return 0;
  const int best = best_trained(scores);
  return better(scores[static_cast<std::size_t>(best)], handicapped_start(scores)) ? best : 0;
}

}  // namespace neurocuda::conversion
