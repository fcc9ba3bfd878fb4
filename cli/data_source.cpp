#include "cli/data_source.hpp"

#include "neurocuda/base/error.hpp"

namespace neurocuda::cli {

data::Dataset load_images(const std::string& source, const std::string& split, std::int64_t images) {
  return data::head(data::load(source, split == "train" ? data::Split::train : data::Split::test), images);
}

void require_fit(const std::string& model, const Shape& input, const data::Dataset& dataset) {
  if (input == dataset.image_shape()) return;
  fail("{}: takes images of shape {}, but those of {} are {}; give the --data that the model was trained on", model,
       to_string(input), dataset.name, to_string(dataset.image_shape()));
}

}  // namespace neurocuda::cli
