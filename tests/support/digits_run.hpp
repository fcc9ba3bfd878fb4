#pragma once

#include <gtest/gtest.h>

#include "neurocuda/data/dataset.hpp"
#include "neurocuda/training/architectures.hpp"
#include "neurocuda/training/train.hpp"

namespace neurocuda::testing {

inline ir::Graph digits_graph(const data::Dataset& digits, std::uint64_t seed = 0) {
  training::ArchitectureOptions options;
  options.image_shape = digits.image_shape();
  options.normalization = {digits.mean, digits.stddev};
  options.seed = seed;
  return training::build_architecture("digits_resnet", options);
}

inline training::Settings short_training(int epochs) {
  training::Settings settings;
  settings.epochs = epochs;
  settings.batch_size = 64;
  settings.crop_padding = 1;
  settings.flip = false;
  settings.threads = 1;
  return settings;
}

/// A digits network trained once for all tests of this program.
inline const ir::Graph& trained_digits() {
  static const ir::Graph graph = [] {
    const auto digits = data::load_digits();
    return training::train(digits_graph(digits.train), digits.train, short_training(5)).graph;
  }();
  return graph;
}

}  // namespace neurocuda::testing
