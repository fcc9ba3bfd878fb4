#include "data/prepare.hpp"

#include <fmt/ranges.h>

#include <algorithm>

#include "data/images/geometry.hpp"
#include "data/images/image_files.hpp"
#include "neurocuda/base/error.hpp"
#include "neurocuda/base/threads.hpp"
#include "neurocuda/data/normalize.hpp"

namespace neurocuda::data {
namespace {

/// Images in memory are resized only when somebody asks for it.
void resize_array(Dataset& dataset, const LoadOptions& options) {
  if (options.resize == 0 && options.crop.empty()) return;
  if (dataset.is_normalized()) {
    fail("{}: holds floats, and only 8-bit pixels are resized or cropped; save it in the size that is wanted",
         dataset.name);
  }
  const Geometry geometry(options);
  const Shape image = dataset.image_shape();
  const ImageSize from{image[0], image[1], image[2]};
  const ImageSize to = geometry.size_of(from, dataset.name);
  Shape shape = dataset.images.shape();
  shape[shape.size() - 2] = to.height;
  shape[shape.size() - 1] = to.width;
  Tensor<std::uint8_t> changed(shape);
  const auto before = static_cast<std::size_t>(from.pixels());
  parallel_for(changed.size() / to.pixels(), 0, [&](std::int64_t i, int) {
    const auto pixels = std::as_const(dataset.images).values().subspan(static_cast<std::size_t>(i) * before, before);
    const Picture made = geometry.applied({from, {pixels.begin(), pixels.end()}}, dataset.name);
    std::ranges::copy(made.pixels, changed.values().begin() + static_cast<std::ptrdiff_t>(i) * std::ssize(made.pixels));
  });
  dataset.images = std::move(changed);
}

/// One value stands for every channel.
std::vector<float> for_channels(const std::vector<float>& values, std::int64_t channels) {
  return values.size() == 1 ? std::vector<float>(static_cast<std::size_t>(channels), values[0]) : values;
}

void normalise_values(Dataset& dataset, const std::vector<float>& mean, const std::vector<float>& stddev) {
  const Shape image = dataset.image_shape();
  const std::int64_t plane = image[1] * image[2];
  for (std::int64_t i = 0; i < dataset.values.size(); ++i) {
    const auto c = static_cast<std::size_t>(i / plane % image[0]);
    dataset.values[i] = (dataset.values[i] - mean[c]) / stddev[c];
  }
}

void set_normalisation(Dataset& dataset, const LoadOptions& options) {
  const std::int64_t channels = dataset.image_shape()[0];
  if (options.mean.empty() != options.stddev.empty())
    fail("{}: a {} without a {}; give both or none", dataset.name, options.mean.empty() ? "stddev" : "mean",
         options.mean.empty() ? "mean" : "stddev");
  const auto mean = for_channels(options.mean, channels), stddev = for_channels(options.stddev, channels);
  normalisation_table(channels, mean, stddev);  // refuses what does not fit
  if (!mean.empty() && dataset.timesteps() > 0) {
    fail("{}: holds spike trains, which are 0 and 1 and not normalised; leave mean and stddev out", dataset.name);
  }
  if (!mean.empty()) {
    dataset.normalisation = Normalisation::given;
    if (dataset.is_normalized()) return normalise_values(dataset, mean, stddev);
    dataset.mean = mean;
    dataset.stddev = stddev;
  } else if (dataset.mean.empty()) {
    dataset.normalisation = Normalisation::assumed;
    if (dataset.is_normalized()) return;
    dataset.mean.assign(static_cast<std::size_t>(channels), 0.0F);
    dataset.stddev.assign(static_cast<std::size_t>(channels), 1.0F);
  }
}

std::string numbers(const std::vector<float>& values) { return fmt::format("({:.4g})", fmt::join(values, ", ")); }

}  // namespace

Dataset prepared(Stored stored, const LoadOptions& options) {
  Dataset dataset = std::move(stored.dataset);
  if (stored.files.empty()) {
    resize_array(dataset, options);
  } else {
    attach_files(dataset, std::move(stored.files), options);
  }
  set_normalisation(dataset, options);
  return dataset;
}

std::string normalisation_notice(const Dataset& dataset, std::string_view model, bool states_own) {
  if (dataset.timesteps() > 0) return "";
  if (states_own) {
    if (dataset.normalisation == Normalisation::given) {
      fail("{}: states its own mean and stddev, with which it was trained; leave those for {} out", model,
           dataset.name);
    }
    if (!dataset.is_normalized()) return "";
    return fmt::format("{}: floats are taken as they are; the mean and stddev that {} states are not applied",
                       dataset.name, model);
  }
  if (dataset.is_normalized() || dataset.normalisation == Normalisation::given) return "";
  if (dataset.normalisation == Normalisation::assumed) {
    return fmt::format("{}: pixels are taken as pixel / 255 (mean 0, stddev 1), as {}; give mean and stddev otherwise",
                       dataset.name,
                       model.empty() ? "no mean and stddev were given" : fmt::format("{} states no others", model));
  }
  if (model.empty()) return "";
  return fmt::format(
      "{}: states no mean and stddev; those of {}, {} and {}, are assumed; give others if it was "
      "trained with others",
      model, dataset.name, numbers(dataset.mean), numbers(dataset.stddev));
}

}  // namespace neurocuda::data
