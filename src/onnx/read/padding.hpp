#pragma once

#include "onnx/read/node_importer.hpp"

namespace neurocuda::onnx {

/// Adds a node that pads an image with zeros (or crops it, where a number is negative), then keeps every `stride`-th
/// position: a convolution of every channel with a kernel that is 1 at one place.
ir::NodeId add_padding(NodeImporter& node, const std::string& name, ir::NodeId image, const Pads& pads,
                       Size2 stride = {1, 1});

/// The value that a node pads and by how much, all nodes that only pad together; the node itself and no pads otherwise.
PaddedFrom padded_from(const ModelImporter& model, ir::NodeId node);

}  // namespace neurocuda::onnx
