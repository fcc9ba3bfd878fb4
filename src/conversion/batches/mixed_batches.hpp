#pragma once

#include <cstdint>
#include <memory>

#include "conversion/batches/training_batches.hpp"

namespace neurocuda::conversion {

/// How the images of a batch are mixed, each by its alpha of Beta(alpha, alpha), 0 to 1; 0: not this way.
struct Mixing {
  double mixup = 0, cutmix = 0;
};

/// Each image mixed with another of its batch (image_mixing.hpp), its label with the other's by the same shares:
/// (n, classes) float32. A teacher's answers on mixtures are targets that a small data set cannot run out of (Beyer et
/// al. 2022, arXiv 2106.05237). With both ways each batch goes one of them, by a coin.
/// Mixtures depend only on the seed, the epoch and the batch. Both 0: the batches as they are.
/// UserError unless both are 0 to 1.
std::unique_ptr<TrainingBatches> mixed_batches(std::unique_ptr<TrainingBatches> batches, const Mixing& mixing,
                                               std::int64_t classes, std::uint64_t seed);

}  // namespace neurocuda::conversion
