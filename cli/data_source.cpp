#include "cli/data_source.hpp"

#include "neurocuda/base/error.hpp"

namespace neurocuda::cli {

data::Dataset load_images(const std::string& source, const std::string& split, std::int64_t images) {
  return data::head(data::load(source, split == "train" ? data::Split::train : data::Split::test), images);
}

data::Dataset calibration_images(data::Dataset training, std::int64_t count, std::uint64_t seed) {
  return count > 0 && count < training.size() ? data::sample(training, count, seed) : training;
}

void require_fit(const std::string& model, const Shape& input, const data::Dataset& dataset) {
  if (input == dataset.image_shape()) return;
  fail("{}: takes images of shape {}, but those of {} are {}; give the --data that the model was trained on", model,
       to_string(input), dataset.name, to_string(dataset.image_shape()));
}

data::Augmentation usual_augmentation(const data::Dataset& dataset) {
  data::Augmentation augmentation;
  augmentation.crop_padding = static_cast<int>(dataset.images.extent(3) / 8);
  augmentation.flip = dataset.images.extent(1) == 3;
  return augmentation;
}

}  // namespace neurocuda::cli
