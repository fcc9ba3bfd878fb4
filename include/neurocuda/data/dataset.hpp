#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "neurocuda/base/tensor.hpp"
#include "neurocuda/data/image_source.hpp"
#include "neurocuda/data/load_options.hpp"

namespace neurocuda::data {

/// The class of an image; ImageNet has more than 256.
using Label = std::uint16_t;

/// Who says how pixels become network inputs.
enum class Normalisation {
  format,   ///< the format has usual values
  given,    ///< LoadOptions
  assumed,  ///< nobody: pixel / 255, or floats as they are
};

/// Images, with or without labels: 8-bit pixels in memory or in files, or floats that the caller has normalised (and
/// augmented) already.
struct Dataset {
  std::string name;                 ///< stated beside every figure: "CIFAR-10 test", "UCI digits train"
  Tensor<std::uint8_t> images;      ///< (N, C, H, W), or (N, T, C, H, W) with a time axis
  std::vector<Label> labels;        ///< (N,), each below classes; empty where they are not known
  int classes = 10;                 ///< 0 where there are no labels
  std::vector<float> mean, stddev;  ///< per channel, in units of pixel / 255 of the training split
  Tensor<float> values{};           ///< network inputs as they are, of the same axes: `images` stays empty then
  std::shared_ptr<const ImageSource> source{};          ///< large sets: `images` and `values` stay empty then
  std::vector<std::string> class_names{};               ///< one per class, or empty
  Normalisation normalisation = Normalisation::format;  ///< where mean and stddev come from
  std::vector<std::string> notices{};                   ///< what was assumed when it was loaded, a sentence each

  std::int64_t size() const {
    if (source) return source->size();
    const Shape& shape = stored_shape();
    return shape.empty() ? 0 : shape[0];
  }
  bool labelled() const { return std::ssize(labels) == size(); }
  bool is_normalized() const { return !values.empty(); }
  /// T of a data set with a time axis; 0 for still images.
  std::int64_t timesteps() const { return !source && stored_shape().size() == 5 ? stored_shape()[1] : 0; }
  /// (C, H, W)
  Shape image_shape() const {
    if (source) return source->image_shape();
    const Shape& shape = stored_shape();
    ensure(shape.size() >= 4, "a data set without images has no shape");
    return {shape.end() - 3, shape.end()};
  }
  /// The pixels of one image, in place or, where they have to be decoded, in `buffer`.
  std::span<const std::uint8_t> pixels(std::int64_t image, std::vector<std::uint8_t>& buffer) const;

 private:
  const Shape& stored_shape() const { return is_normalized() ? values.shape() : images.shape(); }
};

struct Splits {
  Dataset train, test;
};

enum class Split { train, test };

/// One split of a data set; no image of the other is read. `source` is "digits", a file or a folder whose files tell
/// its kind. UserError when it is of no known kind, on a missing or malformed file and on a label out of range. In a
/// folder, a text file name.txt (one line of at most 80 printable characters) replaces the kind in the name of the data
/// set, so that other encodings of the images are stated as such: "CIFAR-10 (JPEG q75) test".
Dataset load(std::string_view source, Split split, const LoadOptions& options = {});
/// Both.
Splits load(std::string_view source, const LoadOptions& options = {});
/// What `source` may be, for help and messages: "'digits', a folder of ... or a folder of ...".
std::string describe_formats();

/// What is assumed about the normalisation of images for a network whose file, `model`, states none (`states_own`
/// otherwise), or, without `model`, for a new one; empty when nothing is. UserError when a normalisation was given that
/// is not the one stated.
std::string normalisation_notice(const Dataset& dataset, std::string_view model, bool states_own);

/// Throws UserError when the data set has a time axis and a value that is neither 0 nor 1: spike trains.
void require_spikes(const Dataset& dataset);
/// Images [begin, end) of a data set with a time axis as they are, (n, T, C, H, W).
Tensor<float> spike_trains(const Dataset& dataset, std::int64_t begin, std::int64_t end);
/// The mean of one spike train over its timesteps, in [0, 1], (C, H, W): what an ANN sees of it.
void mean_over_time(const Dataset& dataset, std::int64_t image, std::span<float> mean);
/// Throws UserError that says `what` needs labels when the data set has none.
void require_labels(const Dataset& dataset, std::string_view what);

/// One pair of idx files: images (N, H, W) and labels (N,), normalised like MNIST. At least 10 classes, more when a
/// label says so.
Dataset load_idx(const std::filesystem::path& images, const std::filesystem::path& labels);

/// The 1,797 8x8 UCI optical digits, compiled into the library; every fifth image is the test split.
Splits load_digits();

/// The images at these indices, in this order; `what` is added to the name: "CIFAR-10 test (first 100)".
Dataset subset(const Dataset& dataset, std::span<const std::int64_t> indices, const std::string& what);
/// The first `count` images; all when count is 0 or larger than the set. A part says so in its name: "CIFAR-10 test
/// (first 100)".
Dataset head(const Dataset& dataset, std::int64_t count);
/// A seeded, class-balanced partition into (1 - fraction, fraction), training and held-out, each in the order of the
/// set. Without labels, all images count as one class.
std::pair<Dataset, Dataset> split(const Dataset& dataset, double fraction, std::uint64_t seed);
/// `count` images drawn with a seed, without replacement, in the order drawn; all when count is 0 or larger than the
/// set.
Dataset sample(const Dataset& dataset, std::int64_t count, std::uint64_t seed);

/// Labels of images [begin, end); none where the data set has none.
std::vector<std::int64_t> labels_of(const Dataset& dataset, std::int64_t begin, std::int64_t end);

/// A data set of network inputs (N, C, H, W) or (N, T, C, H, W), with one label each or none. UserError when the sizes
/// do not match, a value is not finite, or a label is outside 0..classes-1.
Dataset from_values(std::string name, Tensor<float> values, std::vector<Label> labels, int classes);
/// Largest |value| of every channel, (C,), of a data set of normalised floats; at least a tiny positive number.
std::vector<float> channel_absmax(const Dataset& dataset);

/// Images [begin, end) as normalised floats (n, C, H, W): (pixel / 255 - mean) / stddev. Empty mean and stddev: pixel /
/// 255. Those of a data set that is normalised already, as they are; of spike trains their mean over time.
Tensor<float> normalized(const Dataset& dataset, std::int64_t begin, std::int64_t end, const std::vector<float>& mean,
                         const std::vector<float>& stddev);

/// The same for a network that takes images of `input_shape` (C, H, W): normalised with its own mean and stddev, with
/// the data set's where both are empty. UserError that names both shapes when they differ.
Tensor<float> normalized_for(const Shape& input_shape, const Dataset& dataset, std::int64_t begin, std::int64_t end,
                             const std::vector<float>& mean, const std::vector<float>& stddev);
/// Spike trains (n, T, C, H, W) for a network that takes such of `input_shape` (C, H, W). UserError as above.
Tensor<float> spike_trains_for(const Shape& input_shape, const Dataset& dataset, std::int64_t begin, std::int64_t end);

}  // namespace neurocuda::data
