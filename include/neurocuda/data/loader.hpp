#pragma once

#include <cstdint>
#include <vector>

#include "neurocuda/base/random.hpp"
#include "neurocuda/data/dataset.hpp"

namespace neurocuda::data {

/// Random changes to training images, applied to raw pixels before normalisation.
struct Augmentation {
  int crop_padding = 0;   ///< zero-pad by this many pixels and crop back at a random place
  bool flip = false;      ///< mirror left-right with probability 1/2
  int cutout = 0;         ///< zero a square of this side (after normalisation: the mean colour) at a random place
};

/// One mini-batch.
struct Batch {
  Tensor<float> images;              ///< (n, C, H, W), normalised
  std::vector<std::int64_t> labels;  ///< (n,)
  std::int64_t size() const { return static_cast<std::int64_t>(labels.size()); }
};

struct LoaderOptions {
  std::int64_t batch_size = 128;
  bool shuffle = false;
  bool drop_last = false;
  std::uint64_t seed = 0;
  int threads = 1;
  Augmentation augmentation;
  std::vector<float> mean, stddev;   ///< empty: the data set's own
};

/// Deterministic mini-batches: the order and every augmentation depend only on the seed, the epoch and the image, never on
/// the number of threads. Keeps a reference to the data set.
class Loader {
 public:
  Loader(const Dataset& dataset, LoaderOptions options);

  std::int64_t batches() const;
  /// Starts an epoch: epoch e of one seed always has the same batches.
  void start(std::int64_t epoch);
  /// Fills `batch`; false at the end of the epoch.
  bool next(Batch& batch);

 private:
  const Dataset& dataset_;
  LoaderOptions options_;
  std::vector<std::int64_t> order_;
  std::int64_t epoch_ = 0, position_ = 0;
};

}  // namespace neurocuda::data
