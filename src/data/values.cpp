#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "neurocuda/base/error.hpp"
#include "neurocuda/data/dataset.hpp"

namespace neurocuda::data {

Dataset from_values(std::string name, Tensor<float> values, std::vector<Label> labels, int classes) {
  if (values.shape().size() != 4 && values.shape().size() != 5) {
    fail("{}: images of shape {}; give (images, channels, height, width)", name, to_string(values.shape()));
  }
  if (!labels.empty() && values.extent(0) != static_cast<std::int64_t>(labels.size())) {
    fail("{}: {} labels for {} images; give one each", name, labels.size(), values.extent(0));
  }
  const auto odd = std::ranges::find_if(values.values(), [](float value) { return !std::isfinite(value); });
  if (odd != values.values().end()) {
    const std::int64_t image = (odd - values.values().begin()) / (values.size() / values.extent(0));
    fail("{}: image {} holds the value {}; give finite numbers", name, image, *odd);
  }
  for (const Label label : labels) {
    if (label >= classes) fail("{}: label {}; with {} classes it must be 0 to {}", name, label, classes, classes - 1);
  }
  Dataset dataset;
  dataset.name = std::move(name);
  dataset.values = std::move(values);
  dataset.labels = std::move(labels);
  dataset.classes = classes;
  require_spikes(dataset);
  return dataset;
}

std::vector<float> channel_absmax(const Dataset& dataset) {
  ensure(dataset.timesteps() == 0, "spikes are in a range that is known");
  const Shape image = dataset.image_shape();
  const std::int64_t plane = image[1] * image[2];
  // A channel that is 0 in every image still needs a grid.
  std::vector<float> absmax(static_cast<std::size_t>(image[0]), std::numeric_limits<float>::min());
  for (std::int64_t row = 0; row < dataset.size() * image[0]; ++row) {
    float& largest = absmax[static_cast<std::size_t>(row % image[0])];
    for (std::int64_t i = row * plane; i < (row + 1) * plane; ++i) {
      largest = std::max(largest, std::abs(dataset.values[i]));
    }
  }
  return absmax;
}

}  // namespace neurocuda::data
