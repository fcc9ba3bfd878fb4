#include <algorithm>
#include <cmath>

#include "neurocuda/base/error.hpp"
#include "neurocuda/data/dataset.hpp"

namespace neurocuda::data {
namespace {

/// get(i) for the values of one image of a data set with a time axis.
template <class Visit>
void with_values(const Dataset& dataset, std::int64_t image, const Visit& visit) {
  const auto count = static_cast<std::size_t>(dataset.timesteps() * element_count(dataset.image_shape()));
  const std::size_t first = static_cast<std::size_t>(image) * count;
  if (dataset.is_normalized()) {
    visit(dataset.values.values().subspan(first, count));
  } else {
    visit(dataset.images.values().subspan(first, count));
  }
}

}  // namespace

void require_spikes(const Dataset& dataset) {
  for (std::int64_t image = 0; dataset.timesteps() > 0 && image < dataset.size(); ++image) {
    with_values(dataset, image, [&](const auto& values) {
      const auto odd = std::ranges::find_if(values, [](auto value) { return value != 0 && value != 1; });
      if (odd == values.end()) return;
      fail("{}: image {} holds {} at element {}; a data set with a time axis holds spike trains, 0 and 1: save x > 0",
           dataset.name, image, +*odd, odd - values.begin());
    });
  }
}

Tensor<float> spike_trains(const Dataset& dataset, std::int64_t begin, std::int64_t end) {
  if (dataset.timesteps() == 0) {
    fail(
        "{}: holds still images, but the network takes spike trains; give a data set with a time axis, (N, T, C, H, W)",
        dataset.name);
  }
  Shape shape = dataset.image_shape();
  shape.insert(shape.begin(), {end - begin, dataset.timesteps()});
  Tensor<float> trains(shape);
  const std::int64_t size = trains.size() / std::max<std::int64_t>(1, end - begin);
  for (std::int64_t image = begin; image < end; ++image) {
    with_values(dataset, image, [&](const auto& values) {
      std::copy(values.begin(), values.end(), trains.values().begin() + (image - begin) * size);
    });
  }
  return trains;
}

void mean_over_time(const Dataset& dataset, std::int64_t image, std::span<float> mean) {
  const auto timesteps = static_cast<std::size_t>(dataset.timesteps());
  with_values(dataset, image, [&](const auto& values) {
    for (std::size_t i = 0; i < mean.size(); ++i) {
      float sum = 0;
      for (std::size_t t = 0; t < timesteps; ++t) sum += static_cast<float>(values[t * mean.size() + i]);
      mean[i] = sum / static_cast<float>(timesteps);
    }
  });
}

}  // namespace neurocuda::data
