#pragma once

#include <cstdint>
#include <memory>

#include "neurocuda/training/training_batches.hpp"

namespace neurocuda::training {

/// Epochs that end after `images` images, in whole batches of `batch_size`, at least one: every epoch has an order of
/// its own and so brings other images. 0: all images.
std::unique_ptr<TrainingBatches> short_epochs(std::unique_ptr<TrainingBatches> batches, std::int64_t images,
                                              std::int64_t batch_size);

}  // namespace neurocuda::training
