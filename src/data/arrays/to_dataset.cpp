#include "data/arrays/to_dataset.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "neurocuda/base/error.hpp"

namespace neurocuda::data {
namespace {

bool colors(std::int64_t extent) { return extent == 1 || extent == 3; }

/// (N, H, W, C), as many programs save images.
bool channels_last(const Shape& shape) {
  return shape.size() == 4 && colors(shape[3]) && !colors(shape[1]) && !colors(shape[2]);
}

Shape with_all_axes(const Shape& shape, const std::string& name) {
  switch (shape.size()) {
    case 2:
      return {shape[0], shape[1], 1, 1};
    case 3:
      return {shape[0], 1, shape[1], shape[2]};
    case 4:
      return channels_last(shape) ? Shape{shape[0], shape[3], shape[1], shape[2]} : shape;
    case 5:
      return shape;
    default:
      fail("{}: an array of shape {}; save (N, F), (N, H, W), (N, C, H, W), (N, H, W, C) or (N, T, C, H, W)", name,
           to_string(shape));
  }
}

/// Value i of the data set is value source(i) of the array.
template <class Value, class Get>
Tensor<Value> gathered(const NumpyArray& array, const Shape& shape, const Get& get) {
  Tensor<Value> values(shape);
  const bool last = channels_last(array.shape);
  const std::int64_t plane = last ? shape[2] * shape[3] : 1, channels = last ? shape[1] : 1, image = plane * channels;
  for (std::int64_t i = 0; i < values.size(); ++i) {
    const std::int64_t within = i % image;
    values[i] = get(last ? i - within + within % plane * channels + within / plane : i);
  }
  return values;
}

Tensor<float> floats(const NumpyArray& array, const Shape& shape, const std::string& name) {
  return gathered<float>(array, shape, [&](std::int64_t i) {
    const auto value = static_cast<float>(array.floating(i));
    if (!std::isfinite(value)) fail("{}: value {} of the array is {}; save finite numbers", name, i, value);
    return value;
  });
}

}  // namespace

Dataset images_of(NumpyArray array, const std::string& name) {
  const Shape shape = with_all_axes(array.shape, name);
  if (element_count(shape) == 0) fail("{}: an empty array of shape {}", name, to_string(array.shape));
  Dataset dataset;
  dataset.classes = 0;
  if (array.kind == NumpyArray::Kind::floating) {
    dataset.values = floats(array, shape, name);
  } else if (array.is_bytes()) {
    dataset.images = channels_last(array.shape)
                         ? gathered<std::uint8_t>(
                               array, shape, [&](std::int64_t i) { return array.bytes[static_cast<std::size_t>(i)]; })
                         : Tensor<std::uint8_t>(shape, std::move(array.bytes));
  } else {
    fail("{}: an array of whole numbers of {} bits; save pixels astype('uint8'), or inputs astype('float32')", name,
         8 * array.value_bytes);
  }
  return dataset;
}

std::vector<Label> labels_of(const NumpyArray& array, const std::string& name) {
  const Shape& shape = array.shape;
  const bool column = shape.size() == 2 && shape[1] == 1;
  if (shape.size() != 1 && !column) {
    fail("{}: labels of shape {}; save one class per image, (N,){}", name, to_string(shape),
         shape.size() == 2 ? ", argmax(axis=1) of one-hot rows" : "");
  }
  if (array.kind == NumpyArray::Kind::floating) fail("{}: labels that are floats; save them astype('int64')", name);
  constexpr std::int64_t kLargest = std::numeric_limits<Label>::max();
  std::vector<Label> labels;
  for (std::int64_t i = 0; i < array.size(); ++i) {
    const std::int64_t label = array.integer(i);
    if (label < 0 || label > kLargest) fail("{}: label {} of image {}; labels are 0 to {}", name, label, i, kLargest);
    labels.push_back(static_cast<Label>(label));
  }
  return labels;
}

void require_one_label_each(const Dataset& dataset, const std::string& name) {
  if (dataset.labels.empty() || dataset.labelled()) return;
  fail("{}: {} labels for {} images; save one each", name, dataset.labels.size(), dataset.size());
}

Dataset every_fifth(const Dataset& whole, bool fifths) {
  std::vector<std::int64_t> chosen;
  for (std::int64_t i = 0; i < whole.size(); ++i) {
    if ((i % 5 == 4) == fifths) chosen.push_back(i);
  }
  return subset(whole, chosen, "");
}

}  // namespace neurocuda::data
