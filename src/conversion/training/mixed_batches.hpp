#pragma once

#include <cstdint>
#include <memory>

#include "conversion/training/training_batches.hpp"

namespace neurocuda::conversion {

/// Mixup (Zhang et al. 2018, arXiv 1710.09412): each image x becomes s x + (1 - s) y, y an image of its batch and
/// s from Beta(alpha, alpha), its label the same mixture of classes, (n, classes) float32. A teacher's answers on
/// mixtures are targets that a small data set cannot run out of (Beyer et al. 2022, arXiv 2106.05237).
/// Mixtures depend only on the seed, the epoch and the batch. `alpha` 0: the batches as they are.
/// UserError unless alpha is 0 to 1.
std::unique_ptr<TrainingBatches> mixed_batches(std::unique_ptr<TrainingBatches> batches, double alpha,
                                               std::int64_t classes, std::uint64_t seed);

}  // namespace neurocuda::conversion
