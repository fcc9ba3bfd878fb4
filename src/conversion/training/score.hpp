#pragma once

namespace neurocuda::conversion {

/// How good a network is on held-out images: accuracy first, then the mean cross-entropy, which still tells networks
/// apart where a few hundred images leave their accuracies equal.
struct Score {
  double accuracy = 0;
  double cross_entropy = 0;
  /// What the synaptic operations cost in the loss, where they are to be few: the sum of both then decides, for the
  /// most accurate network would rarely be a sparse one.
  double synops = 0;
};

inline bool better(const Score& a, const Score& b) {
  if (a.synops > 0 || b.synops > 0) return a.cross_entropy + a.synops < b.cross_entropy + b.synops;
  return a.accuracy != b.accuracy ? a.accuracy > b.accuracy : a.cross_entropy < b.cross_entropy;
}

}  // namespace neurocuda::conversion
