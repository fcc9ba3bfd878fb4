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

}  // namespace

Fit fit_of(const Score& seen, const Score& held_out) {
  return {seen.accuracy, held_out.accuracy, seen.cross_entropy, held_out.cross_entropy};
}

bool better(const Score& a, const Score& b) {
  if (a.synops > 0 || b.synops > 0) return a.cross_entropy + a.synops < b.cross_entropy + b.synops;
  return a.accuracy != b.accuracy ? a.accuracy > b.accuracy : a.cross_entropy < b.cross_entropy;
}

Score handicapped_start(const std::vector<Score>& scores) {
  Score start = scores.front();
  if (const Fit* fit = nearest_fit(scores)) {
    start.accuracy -= std::max(0.0, fit->seen_accuracy - fit->held_out_accuracy);
    start.cross_entropy += std::max(0.0, fit->held_out_cross_entropy - fit->seen_cross_entropy);
  }
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
