#pragma once

#include "onnx/read/node_importer.hpp"

namespace neurocuda::onnx {

/// A constant that broadcasts over the batch (and over H and W behind a convolution) as a bias (channels,): one value,
/// or one per channel along the channel axis. `trailing`: axes behind the channels, 2 for images, 0 for features.
/// Throws UnsupportedOperator when the constant differs along other axes.
Tensor<float> as_bias(const NodeImporter& node, const Tensor<float>& constant, std::int64_t channels,
                      std::size_t trailing);

}  // namespace neurocuda::onnx
