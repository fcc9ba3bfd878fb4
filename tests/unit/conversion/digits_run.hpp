#pragma once

#include <gtest/gtest.h>

#include "neurocuda/conversion/architectures.hpp"
#include "neurocuda/conversion/train.hpp"
#include "neurocuda/data/dataset.hpp"

namespace neurocuda::testing {

inline ir::Graph digits_graph(const data::Dataset& digits, std::uint64_t seed = 0) {
  conversion::ArchitectureOptions options;
  options.image_shape = digits.image_shape();
  options.normalization = {digits.mean, digits.stddev};
  options.seed = seed;
  return conversion::build_architecture("digits_resnet", options);
}

inline conversion::TrainOptions short_training(int epochs) {
  conversion::TrainOptions options;
  options.epochs = epochs;
  options.batch_size = 64;
  options.augmentation = {1, false, 0};
  options.compute.threads = 1;
  return options;
}

/// A digits network trained once for all tests of this program.
inline const ir::Graph& trained_digits() {
  static const ir::Graph graph = [] {
    const auto digits = data::load_digits();
    return conversion::train(digits_graph(digits.train), digits.train, short_training(5)).graph;
  }();
  return graph;
}

}  // namespace neurocuda::testing
