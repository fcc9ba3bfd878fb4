#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "neurocuda/ir/graph.hpp"

namespace neurocuda::training {

struct ArchitectureOptions {
  Shape image_shape{3, 32, 32};
  std::int64_t classes = 10;
  std::uint64_t seed = 0;  ///< of the initial weights (He et al. 2015, fan-out, normal)
  ir::Normalization normalization;
};

/// Names that build_architecture knows: resnet8, resnet20, resnet18, vgg16, vgg_small, digits_resnet, mlp.
const std::vector<std::string>& architecture_names();

/// A freshly initialised ANN: convolutions, batch norms, ReLU after the residual add, average pooling.
///  resnet8, resnet20  He et al. 2016 section 4.2, 16-32-64 channels, n = 1 and 3 blocks a stage, 1x1 projections
///  resnet18           64-128-256-512 channels, two blocks a stage, 3x3 stem without pooling (the usual CIFAR form)
///  vgg16              Simonyan & Zisserman 2015 (D) with batch norm, one linear layer
///  vgg_small          32-32, 64-64, 128-128 with pooling after each pair: about 290,000 parameters
///  digits_resnet      a residual network for 8x8 grey images, about 20,000 parameters
///  mlp                linear layers of 256 and 128 features, for vectors (F, 1, 1) and images alike
/// Throws UserError that lists the names when there is no such architecture, or when the image is too small for it.
ir::Graph build_architecture(std::string_view name, const ArchitectureOptions& options);

}  // namespace neurocuda::training
