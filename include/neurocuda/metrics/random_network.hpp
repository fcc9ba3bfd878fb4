#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "neurocuda/program/encode.hpp"
#include "neurocuda/program/program.hpp"

namespace neurocuda::metrics {

/// The architectures of random_network: resnet18, resnet20, vgg16 (CIFAR forms, 3x32x32 in, 10 classes), and
/// resnet18_imagenet (3x224x224, 1,000).
const std::vector<std::string>& random_architectures();

/// A network with the shapes of a real one and random int8 weights, for measuring speed without a trained model. One
/// threshold per layer is set so that about `density` (in 0.001..0.5) of its neurons fire at every timestep, measured
/// layer by layer on random images. The same seed gives the same Program. Throws UserError on an unknown architecture
/// or a value out of range.
program::Program random_network(std::string_view architecture, double density, int timesteps, std::uint64_t seed);

/// Random encoded images like those that the thresholds were set on: (images, C, H, W), uniform over the input's grid;
/// or spike trains (images, timesteps, C, H, W), each value 0 or 1 alike, of a Program that takes such.
program::EncodedInput random_images(const program::Program& program, std::int64_t images, std::uint64_t seed,
                                    int timesteps = 0);

}  // namespace neurocuda::metrics
