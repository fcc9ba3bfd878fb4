#pragma once

#include <cstdint>
#include <vector>

#include "neurocuda/base/random.hpp"
#include "neurocuda/data/dataset.hpp"

namespace neurocuda::data {

/// Random changes to training images, in this order.
struct Augmentation {
  int crop_padding = 0;  ///< zero-pad by this many pixels and crop back at a random place
  bool flip = false;     ///< mirror left-right with probability 1/2
  int cutout = 0;  ///< set a square of this side to the mean colour (0 after normalisation); its centre is anywhere in
                   ///< the image, so that it may be clipped at the border
};

/// The usual augmentation for images of this kind: crops by an eighth of the width; mirrored only when they are in
/// colour (digits and letters are not what they were when mirrored). None for normalised floats, which come augmented,
/// unless they are spike trains.
Augmentation usual_augmentation(const Dataset& dataset);

/// One mini-batch.
struct Batch {
  Tensor<float> images;              ///< (n, C, H, W), normalised
  std::vector<std::int64_t> labels;  ///< (n,); empty where the data set has none
  std::int64_t size() const { return images.shape().empty() ? 0 : images.extent(0); }
};

struct LoaderOptions {
  std::int64_t batch_size = 128;
  bool shuffle = false;
  bool drop_last = false;
  std::uint64_t seed = 0;
  int threads = 1;
  Augmentation augmentation{};
  std::vector<float> mean{}, stddev{};  ///< both empty: the data set's own
};

/// Deterministic mini-batches: the order and every augmentation depend only on the seed, the epoch and the image, never
/// on the number of threads. Keeps a reference to the data set.
class Loader {
 public:
  /// Stands at the start of epoch 0. UserError on an empty data set or options out of range.
  Loader(const Dataset& dataset, LoaderOptions options);

  std::int64_t batches() const;
  /// Starts an epoch: epoch e of one seed always has the same batches.
  void start(std::int64_t epoch);
  /// Fills `batch`, reusing its memory; false at the end of the epoch. Throws Interrupted when a stop was requested.
  bool next(Batch& batch);
  /// In place of next, for who makes the batch elsewhere: the positions of its images in the data set.
  bool next_images(std::vector<std::int64_t>& images);

 private:
  /// Images of the batch at position_; 0 at the end of the epoch.
  std::int64_t next_size() const;
  /// Image i of the batch that starts at position_.
  void fill(Batch& batch, std::int64_t i) const;

  const Dataset& dataset_;
  LoaderOptions options_;
  std::vector<float> table_;  // (C, 256): pixel value to normalised value
  std::vector<std::int64_t> order_;
  std::int64_t epoch_ = 0, position_ = 0;
};

}  // namespace neurocuda::data
