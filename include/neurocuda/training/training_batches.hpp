#pragma once

#include <memory>

#include "neurocuda/data/loader.hpp"
#include "neurocuda/neurons/libtorch.hpp"

namespace neurocuda::training {

/// One mini-batch on the device of the training.
struct DeviceBatch {
  torch::Tensor images;  ///< (n, C, H, W), normalised and augmented, channels last
  torch::Tensor labels;  ///< (n,), int64
};

/// Training batches, the same whichever way they are made: order and augmentation depend only on the seed, the epoch
/// and the image.
class TrainingBatches {
 public:
  virtual ~TrainingBatches() = default;
  virtual std::int64_t batches() const = 0;
  virtual void start(std::int64_t epoch) = 0;
  /// False at the end of the epoch. Throws Interrupted when a stop was requested.
  virtual bool next(DeviceBatch& batch) = 0;
};

/// Made on the host, batch by batch, and copied to the device. Keeps a reference to the data set.
std::unique_ptr<TrainingBatches> host_batches(const data::Dataset& dataset, const data::LoaderOptions& options,
                                              torch::Device device);

/// The whole data set lies on the device and is augmented there: a batch costs the copy of a few integers per image.
std::unique_ptr<TrainingBatches> resident_batches(const data::Dataset& dataset, const data::LoaderOptions& options,
                                                  torch::Device device);

/// Resident on a GPU when the images take at most 4 GiB there, else from the host.
std::unique_ptr<TrainingBatches> training_batches(const data::Dataset& dataset, const data::LoaderOptions& options,
                                                  torch::Device device);

}  // namespace neurocuda::training
