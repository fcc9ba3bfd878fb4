#pragma once

#include <cstdint>

#include "neurocuda/base/random.hpp"
#include "neurocuda/data/dataset.hpp"
#include "support/random_program.hpp"

namespace neurocuda::testing {

/// The first random_program() from `seed` on that takes images: a constant current of shape (C, H, W).
inline program::Program random_image_program(std::uint64_t seed) {
  for (;; ++seed) {
    program::Program program = random_program(seed);
    const program::Node& input = program.nodes.front();
    if (program.input().encoding == program::InputEncoding::constant_current && input.shape.size() == 3) return program;
  }
}

/// Random labelled images of the program's input shape.
inline data::Dataset random_images(const program::Program& program, std::int64_t count, std::uint64_t seed) {
  Random random(seed);
  Shape shape = program.nodes.front().shape;
  data::Dataset dataset;
  dataset.name = "random images";
  dataset.classes = static_cast<int>(program::channels(program.nodes.back().shape));
  dataset.mean.assign(static_cast<std::size_t>(shape[0]), 0.5F);
  dataset.stddev.assign(static_cast<std::size_t>(shape[0]), 0.1F);
  shape.insert(shape.begin(), count);
  dataset.images = Tensor<std::uint8_t>(shape);
  for (auto& pixel : dataset.images.values()) pixel = static_cast<std::uint8_t>(random.below(256));
  for (std::int64_t i = 0; i < count; ++i) {
    dataset.labels.push_back(static_cast<data::Label>(random.below(dataset.classes)));
  }
  return dataset;
}

}  // namespace neurocuda::testing
