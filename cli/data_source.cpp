#include "cli/data_source.hpp"

#include <filesystem>

#include "neurocuda/base/error.hpp"

namespace neurocuda::cli {
namespace {

bool holds_cifar10_test(const std::filesystem::path& folder) {
  std::error_code error;
  return std::filesystem::exists(folder / "test_batch.bin", error) ||
         std::filesystem::exists(folder / "cifar-10-batches-bin" / "test_batch.bin", error);
}

data::Dataset load_split(const std::string& source, const std::string& split) {
  if (split == "test" && source != "digits" && holds_cifar10_test(source)) return data::load_cifar10_test(source);
  data::Splits splits = data::load(source);
  return split == "train" ? std::move(splits.train) : std::move(splits.test);
}

}  // namespace

data::Dataset load_images(const std::string& source, const std::string& split, std::int64_t images) {
  return data::head(load_split(source, split), images);
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
