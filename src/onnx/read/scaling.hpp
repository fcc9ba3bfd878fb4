#pragma once

#include "onnx/read/node_importer.hpp"

namespace neurocuda::onnx {

/// scale x + shift, one of each per channel, as the value of output 0: a bias where it can be one, an earlier scaling
/// of the same value that nothing else reads, otherwise a BatchNorm2d.
void produce_scaling(NodeImporter& node, const Activation& x, const Tensor<float>& scale, const Tensor<float>& shift);

/// The same as a node of the graph.
Activation add_scaling(NodeImporter& node, const Activation& x, const Tensor<float>& scale, const Tensor<float>& shift);

}  // namespace neurocuda::onnx
