#include "neurocuda/data/loader.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "neurocuda/base/error.hpp"
#include "neurocuda/base/interrupt.hpp"
#include "neurocuda/base/threads.hpp"
#include "neurocuda/data/augment.hpp"
#include "neurocuda/data/normalize.hpp"

namespace neurocuda::data {
namespace {

/// Below this many values a batch takes less time than starting threads does.
constexpr std::int64_t kParallelValues = 1 << 17;
/// Images that a thread takes at a time.
constexpr std::int64_t kChunk = 16;

ImageSize size_of(const Dataset& dataset) {
  const Shape image = dataset.image_shape();
  return {image[0], image[1], image[2]};
}

void check(const LoaderOptions& options) {
  if (options.batch_size < 1) fail("loader: batch size {}; it must be at least 1", options.batch_size);
  const Augmentation& augmentation = options.augmentation;
  if (augmentation.crop_padding < 0) fail("loader: crop padding {}; it must be 0 or more", augmentation.crop_padding);
  if (augmentation.cutout < 0) fail("loader: cutout {}; it must be 0 or more", augmentation.cutout);
}

}  // namespace

Augmentation usual_augmentation(const Dataset& dataset) {
  if (dataset.is_normalized() && dataset.timesteps() == 0) return {};
  const Shape image = dataset.image_shape();
  return {static_cast<int>(image[2] / 8), image[0] == 3, 0};
}

Loader::Loader(const Dataset& dataset, LoaderOptions options) : dataset_(dataset), options_(std::move(options)) {
  check(options_);
  if (dataset.size() == 0) fail("{}: has no images; give a data set that has", dataset.name);
  const bool own = options_.mean.empty() && options_.stddev.empty();
  table_ = normalisation_table(dataset.image_shape()[0], own ? dataset.mean : options_.mean,
                               own ? dataset.stddev : options_.stddev);
  start(0);
}

std::int64_t Loader::batches() const {
  const std::int64_t whole = dataset_.size() / options_.batch_size;
  return options_.drop_last || dataset_.size() % options_.batch_size == 0 ? whole : whole + 1;
}

void Loader::start(std::int64_t epoch) {
  epoch_ = epoch;
  position_ = 0;
  if (options_.shuffle) {
    order_ = Random(epoch_seed(options_.seed, epoch)).permutation(dataset_.size());
  } else if (order_.empty()) {
    order_.resize(static_cast<std::size_t>(dataset_.size()));
    std::iota(order_.begin(), order_.end(), std::int64_t{0});
  }
}

std::int64_t Loader::next_size() const {
  const std::int64_t count = std::min(options_.batch_size, dataset_.size() - position_);
  return options_.drop_last && count < options_.batch_size ? 0 : count;
}

bool Loader::next_images(std::vector<std::int64_t>& images) {
  const std::int64_t count = next_size();
  if (count == 0) return false;
  throw_if_interrupted();
  const auto begin = order_.begin() + position_;
  images.assign(begin, begin + count);
  position_ += count;
  return true;
}

bool Loader::next(Batch& batch) {
  const std::int64_t count = next_size();
  if (count == 0) return false;
  throw_if_interrupted();
  const ImageSize size = size_of(dataset_);
  const Shape shape{count, size.channels, size.height, size.width};
  if (batch.images.shape() != shape) batch.images = Tensor<float>(shape);
  batch.labels.resize(dataset_.labelled() ? static_cast<std::size_t>(count) : 0);

  // Images that have to be decoded are worth a thread each.
  const std::int64_t chunk_size = dataset_.source ? 1 : kChunk;
  const auto fill_chunk = [&](std::int64_t chunk, int) {
    for (std::int64_t i = chunk * chunk_size; i < std::min(count, (chunk + 1) * chunk_size); ++i) fill(batch, i);
  };
  const bool small = !dataset_.source && count * size.pixels() < kParallelValues;
  parallel_for((count + chunk_size - 1) / chunk_size, small ? 1 : options_.threads, fill_chunk);
  position_ += count;
  return true;
}

void Loader::fill(Batch& batch, std::int64_t i) const {
  const ImageSize size = size_of(dataset_);
  const auto pixels = static_cast<std::size_t>(size.pixels());
  const std::int64_t image = order_[static_cast<std::size_t>(position_ + i)];
  if (!batch.labels.empty())
    batch.labels[static_cast<std::size_t>(i)] = dataset_.labels[static_cast<std::size_t>(image)];
  const Placement placement = draw_placement(options_.augmentation, size, options_.seed, epoch_, image);
  const auto out = batch.images.values().subspan(static_cast<std::size_t>(i) * pixels, pixels);
  if (dataset_.timesteps() > 0) {
    std::vector<float> mean(pixels);
    mean_over_time(dataset_, image, mean);
    place_values(mean, size, placement, out);
  } else if (dataset_.is_normalized()) {
    const auto values = dataset_.values.values().subspan(static_cast<std::size_t>(image) * pixels, pixels);
    place_values(values, size, placement, out);
  } else {
    std::vector<std::uint8_t> buffer;
    place_image(dataset_.pixels(image, buffer), size, placement, table_, out);
  }
}

}  // namespace neurocuda::data
