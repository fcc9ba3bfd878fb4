#pragma once

#include "neurocuda/ir/graph.hpp"

namespace neurocuda::onnx {

/// The graph without nodes that the output does not depend on: a Pad, say, that the convolution behind it took over.
ir::Graph prune(ir::Graph graph);

}  // namespace neurocuda::onnx
