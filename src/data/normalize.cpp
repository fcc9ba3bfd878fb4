#include "neurocuda/data/normalize.hpp"

#include <cmath>

#include "neurocuda/base/error.hpp"
#include "neurocuda/base/threads.hpp"
#include "neurocuda/data/dataset.hpp"

namespace neurocuda::data {
namespace {

constexpr std::int64_t kLevels = 256;

void check(std::int64_t channels, const std::vector<float>& mean, const std::vector<float>& stddev) {
  const auto fits = [&](const auto& values) {
    return values.empty() || static_cast<std::int64_t>(values.size()) == channels;
  };
  if (!fits(mean) || !fits(stddev)) {
    fail(
        "normalisation: {} means and {} standard deviations for images with {} channels; give one for each channel, or "
        "none",
        mean.size(), stddev.size(), channels);
  }
  for (const float value : stddev) {
    if (!(value > 0.0F) || !std::isfinite(value))
      fail("normalisation: standard deviation {}; it must be positive", value);
  }
  for (const float value : mean) {
    if (!std::isfinite(value)) fail("normalisation: mean {}; it must be finite", value);
  }
}

}  // namespace

std::vector<float> normalisation_table(std::int64_t channels, const std::vector<float>& mean,
                                       const std::vector<float>& stddev) {
  check(channels, mean, stddev);
  std::vector<float> table;
  table.reserve(static_cast<std::size_t>(channels * kLevels));
  for (std::size_t c = 0; c < static_cast<std::size_t>(channels); ++c) {
    const double shift = mean.empty() ? 0.0 : mean[c];
    const double unit = stddev.empty() ? 1.0 : stddev[c];
    for (std::int64_t level = 0; level < kLevels; ++level) {
      table.push_back(static_cast<float>((static_cast<double>(level) / 255.0 - shift) / unit));
    }
  }
  return table;
}

Tensor<float> normalized(const Dataset& dataset, std::int64_t begin, std::int64_t end, const std::vector<float>& mean,
                         const std::vector<float>& stddev) {
  if (begin < 0 || begin > end || end > dataset.size()) {
    fail("{}: images {} to {} asked for, it has {}; give a range inside", dataset.name, begin, end, dataset.size());
  }
  const Shape image = dataset.image_shape();
  const std::int64_t size = element_count(image);
  if (dataset.timesteps() > 0) {
    Tensor<float> means({end - begin, image[0], image[1], image[2]});
    for (std::int64_t i = begin; i < end; ++i) {
      mean_over_time(
          dataset, i,
          means.values().subspan(static_cast<std::size_t>((i - begin) * size), static_cast<std::size_t>(size)));
    }
    return means;
  }
  if (dataset.is_normalized()) {
    return Tensor<float>({end - begin, image[0], image[1], image[2]},
                         std::vector<float>(dataset.values.data() + begin * size, dataset.values.data() + end * size));
  }
  const auto table = normalisation_table(image[0], mean, stddev);
  const std::int64_t plane = image[1] * image[2];
  Tensor<float> out({end - begin, image[0], image[1], image[2]});
  // Decoding is worth threads, looking up is not.
  parallel_for(end - begin, dataset.source ? 0 : 1, [&](std::int64_t i, int) {
    std::vector<std::uint8_t> buffer;
    const auto pixels = dataset.pixels(begin + i, buffer);
    float* to = out.data() + i * image[0] * plane;
    for (std::int64_t channel = 0; channel < image[0]; ++channel) {
      const float* levels = &table[static_cast<std::size_t>(channel * kLevels)];
      for (std::int64_t p = channel * plane; p < (channel + 1) * plane; ++p)
        to[p] = levels[pixels[static_cast<std::size_t>(p)]];
    }
  });
  return out;
}

namespace {

void require_shape(const Shape& input_shape, const Dataset& dataset) {
  if (dataset.image_shape() == input_shape) return;
  fail("{}: images of shape {}, but the network takes {}; give the data that it was trained on", dataset.name,
       to_string(dataset.image_shape()), to_string(input_shape));
}

}  // namespace

Tensor<float> spike_trains_for(const Shape& input_shape, const Dataset& dataset, std::int64_t begin, std::int64_t end) {
  require_shape(input_shape, dataset);
  return spike_trains(dataset, begin, end);
}

Tensor<float> normalized_for(const Shape& input_shape, const Dataset& dataset, std::int64_t begin, std::int64_t end,
                             const std::vector<float>& mean, const std::vector<float>& stddev) {
  require_shape(input_shape, dataset);
  const bool own = mean.empty() && stddev.empty();
  return normalized(dataset, begin, end, own ? dataset.mean : mean, own ? dataset.stddev : stddev);
}

}  // namespace neurocuda::data
