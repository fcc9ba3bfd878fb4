#pragma once

#include <filesystem>

#include "neurocuda/ir/graph.hpp"

namespace neurocuda::onnx {

/// Reads an ANN. Supported: Conv, Gemm, MatMul + Add, BatchNormalization, Relu, Add, AveragePool, GlobalAveragePool, MaxPool,
/// Flatten, a Reshape or ReduceMean that means flatten or global pooling, Identity, Dropout, Constant, initialisers. The batch axis is dropped. Metadata
/// "neurocuda.mean" / "neurocuda.stddev" (comma-separated) become the input's Normalization. Throws UnsupportedOperator naming operator and node, UserError
/// naming the file on anything malformed (truncated, cyclic, wrong shapes, not finite). Allocation is bounded by the file's size.
ir::Graph read(const std::filesystem::path& path);

/// Writes an ANN as ONNX (opset 13, float32, dynamic batch axis), atomically and byte-identically for equal graphs. Throws UnsupportedOperator on
/// QCFS and IF nodes, which ONNX has no operator for.
void write(const ir::Graph& graph, const std::filesystem::path& path);

}  // namespace neurocuda::onnx
