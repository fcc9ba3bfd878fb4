#pragma once

#include <cstdint>
#include <string>

#include "neurocuda/data/dataset.hpp"
#include "neurocuda/data/loader.hpp"

namespace neurocuda::cli {

/// The images that --data, --split and --images name. Reads only the files that are needed.
data::Dataset load_images(const std::string& source, const std::string& split, std::int64_t images);

/// The training images that a calibration sees: all, or `count` of them drawn by the seed.
data::Dataset calibration_images(data::Dataset training, std::int64_t count, std::uint64_t seed);

/// Fails, naming the model, the data and both shapes, when images of the data set do not fit the model's input.
void require_fit(const std::string& model, const Shape& input, const data::Dataset& dataset);

/// The usual augmentation for images of this kind: crops by an eighth of the width; mirrored only when they are in
/// colour (digits and letters are not what they were when mirrored).
data::Augmentation usual_augmentation(const data::Dataset& dataset);

}  // namespace neurocuda::cli
