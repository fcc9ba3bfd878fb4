#pragma once

#include <cstdint>
#include <string>

#include "neurocuda/data/dataset.hpp"

namespace neurocuda::cli {

/// The images that --data, --split and --images name. Reads only the files that are needed.
data::Dataset load_images(const std::string& source, const std::string& split, std::int64_t images);

/// Fails, naming the model, the data and both shapes, when images of the data set do not fit the model's input.
void require_fit(const std::string& model, const Shape& input, const data::Dataset& dataset);

}  // namespace neurocuda::cli
