#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "neurocuda/base/tensor.hpp"

namespace neurocuda::data {

/// The class of an image; ImageNet has more than 256.
using Label = std::uint16_t;

/// Labelled images in memory: 8-bit pixels, or floats that the caller has normalised (and augmented) already.
struct Dataset {
  std::string name;             ///< stated beside every figure: "CIFAR-10 test", "UCI digits train"
  Tensor<std::uint8_t> images;  ///< (N, C, H, W)
  std::vector<Label> labels;    ///< (N,), each below classes
  int classes = 10;
  std::vector<float> mean, stddev;  ///< per channel, in units of pixel / 255 of the training split
  Tensor<float> values{};           ///< (N, C, H, W), network inputs as they are: `images` stays empty then

  std::int64_t size() const { return static_cast<std::int64_t>(labels.size()); }
  bool is_normalized() const { return !values.empty(); }
  Shape image_shape() const {
    const Shape& shape = is_normalized() ? values.shape() : images.shape();
    return {shape.at(1), shape.at(2), shape.at(3)};
  }
};

struct Splits {
  Dataset train, test;
};

enum class Split { train, test };

/// One split of a data set; no file of the other is read. `source` is "digits", or a folder whose files tell its kind.
/// UserError when it is of no known kind, on a missing or malformed file and on a label out of range. In a folder, a
/// text file name.txt (one line of at most 80 printable characters) replaces the kind in the name of the data set, so
/// that other encodings of the images are stated as such: "CIFAR-10 (JPEG q75) test".
Dataset load(std::string_view source, Split split);
/// Both.
Splits load(std::string_view source);
/// What `source` may be, for help and messages: "'digits', a folder of ... or a folder of ...".
std::string describe_formats();

/// One pair of idx files: images (N, H, W) and labels (N,), normalised like MNIST. At least 10 classes, more when a
/// label says so.
Dataset load_idx(const std::filesystem::path& images, const std::filesystem::path& labels);

/// The 1,797 8x8 UCI optical digits, compiled into the library; every fifth image is the test split.
Splits load_digits();

/// The first `count` images; all when count is 0 or larger than the set. A part says so in its name: "CIFAR-10 test
/// (first 100)".
Dataset head(const Dataset& dataset, std::int64_t count);
/// A seeded, class-balanced partition into (1 - fraction, fraction), training and held-out, each in the order of the
/// set.
std::pair<Dataset, Dataset> split(const Dataset& dataset, double fraction, std::uint64_t seed);
/// `count` images drawn with a seed, without replacement, in the order drawn; all when count is 0 or larger than the
/// set.
Dataset sample(const Dataset& dataset, std::int64_t count, std::uint64_t seed);

/// A data set of network inputs (N, C, H, W) with one label each. UserError when the sizes do not match, a value is not
/// finite, or a label is outside 0..classes-1.
Dataset from_values(std::string name, Tensor<float> values, std::vector<Label> labels, int classes);
/// Largest |value| of every channel, (C,), of a data set of normalised floats; at least a tiny positive number.
std::vector<float> channel_absmax(const Dataset& dataset);

/// Images [begin, end) as normalised floats (n, C, H, W): (pixel / 255 - mean) / stddev. Empty mean and stddev: pixel /
/// 255. Those of a data set that is normalised already, as they are.
Tensor<float> normalized(const Dataset& dataset, std::int64_t begin, std::int64_t end, const std::vector<float>& mean,
                         const std::vector<float>& stddev);

/// The same for a network that takes images of `input_shape` (C, H, W): normalised with its own mean and stddev, with
/// the data set's where both are empty. UserError that names both shapes when they differ.
Tensor<float> normalized_for(const Shape& input_shape, const Dataset& dataset, std::int64_t begin, std::int64_t end,
                             const std::vector<float>& mean, const std::vector<float>& stddev);

}  // namespace neurocuda::data
