#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "neurocuda/ir/graph.hpp"

namespace neurocuda::onnx {

/// Reads an ANN. Supported: Conv, Gemm, MatMul + Add, BatchNormalization, Relu, Add, AveragePool, GlobalAveragePool,
/// MaxPool, Flatten, neurocuda.QCFS, a Reshape or ReduceMean that means flatten or global pooling, Identity, Dropout,
/// Constant, initialisers. The batch axis is dropped; nodes that the output does not depend on are left out. Metadata
/// "neurocuda.mean" / "neurocuda.stddev" (comma-separated) become the input's Normalization. Throws UnsupportedOperator
/// naming operator and node, UserError naming the file on anything malformed (truncated, cyclic, wrong shapes, not
/// finite). Allocation is bounded by the file's size.
ir::Graph read(const std::filesystem::path& path);

/// The same from a file's bytes; `origin` names them in messages.
ir::Graph parse(std::span<const std::uint8_t> bytes, std::string_view origin);

/// Writes an ANN as ONNX (opset 13, float32, dynamic batch axis), atomically and byte-identically for equal graphs.
/// Node names, the graph's name and the normalisation are kept. QCFS nodes become neurocuda.QCFS, a
/// function that the file defines by standard operators. Throws UnsupportedOperator on IF nodes, which ONNX has no
/// operator for, UserError when the graph is not valid or the file cannot be written.
void write(const ir::Graph& graph, const std::filesystem::path& path);

/// The bytes that write() writes.
std::string serialize(const ir::Graph& graph);

}  // namespace neurocuda::onnx
