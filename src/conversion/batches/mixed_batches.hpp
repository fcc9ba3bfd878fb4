#pragma once

#include <cstdint>
#include <memory>

#include "conversion/batches/training_batches.hpp"

namespace neurocuda::conversion {

/// How the images of a batch are mixed, each by its alpha of Beta(alpha, alpha), 0 to 1; 0: not this way. The last
/// `plain_epochs` of all `epochs` are not mixed.
struct Mixing {
  double mixup = 0, cutmix = 0;
  std::int64_t plain_epochs = 0, epochs = 0;
};

/// What the options of a stage of training say of it.
template <class Options>
Mixing mixing_of(const Options& options) {
  return {options.mixup, options.cutmix, options.plain_epochs, options.epochs};
}

/// Each image mixed with another of its batch (image_mixing.hpp), its label with the other's by the same shares:
/// (n, classes) float32. A teacher's answers on mixtures are targets that a small data set cannot run out of (Beyer et
/// al. 2022, arXiv 2106.05237). With both ways each batch goes one of them, by a coin.
/// Mixtures depend only on the seed, the epoch and the batch. Both 0: the batches as they are, as in plain epochs.
/// UserError unless both are 0 to 1 and the plain epochs 0 or more.
std::unique_ptr<TrainingBatches> mixed_batches(std::unique_ptr<TrainingBatches> batches, const Mixing& mixing,
                                               std::int64_t classes, std::uint64_t seed);

}  // namespace neurocuda::conversion
