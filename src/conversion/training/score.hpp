#pragma once

namespace neurocuda::conversion {

/// How good a network is on held-out images: accuracy first, then the mean cross-entropy, which still tells networks
/// apart where a few hundred images leave their accuracies equal.
struct Score {
  double accuracy = 0;
  double cross_entropy = 0;
};

inline bool better(const Score& a, const Score& b) {
  return a.accuracy != b.accuracy ? a.accuracy > b.accuracy : a.cross_entropy < b.cross_entropy;
}

}  // namespace neurocuda::conversion
