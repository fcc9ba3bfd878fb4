#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "neurocuda/ir/graph.hpp"

namespace neurocuda::onnx {

/// Reads an ANN of opset 7 or newer. Supported: Conv (1-D and 2-D), Gemm, MatMul, BatchNormalization, Relu, Clip, Min
/// and Max with a bound, Add, Sum, Sub, Mul and Div (one side constant, or a sum of two values), pools, ReduceMean over
/// positions, Concat, Split, Slice, Pad, Flatten, Reshape, Transpose, Squeeze, Unsqueeze, Cast, Identity, Dropout, a
/// last Softmax, QuantizeLinear and DequantizeLinear, neurocuda.QCFS, and everything that can be computed from
/// constants. The batch axis is dropped; axes that only move (NHWC) leave no node; nodes that the output does not
/// depend on are left out. Metadata "neurocuda.mean" / "neurocuda.stddev" (comma-separated) become the input's
/// Normalization. Constants may lie in other files in the folder of the model. Throws UnsupportedOperator naming
/// operator and node, UserError naming the file on anything malformed (truncated, cyclic, wrong shapes, not finite).
/// Allocation is bounded by the files' sizes.
ir::Graph read(const std::filesystem::path& path);

/// The same from a file's bytes; `origin` names them in messages. Constants in other files are refused.
ir::Graph parse(std::span<const std::uint8_t> bytes, std::string_view origin);

/// A graph, and a line for each thing in the file that it leaves out or reads as something else: a last softmax,
/// quantisation, 16-bit numbers.
struct Reading {
  ir::Graph graph;
  std::vector<std::string> notes;
};
Reading read_with_notes(const std::filesystem::path& path);

/// A node that cannot be read.
struct Refusal {
  std::string node;    ///< its name
  std::string op;      ///< "HardSwish"
  std::string line;    ///< of the model's source, where the file says it: "model.py line 12"
  std::string reason;  ///< one line
  std::string remedy;  ///< one line
};
/// All nodes that read() would refuse, as far as one can be judged behind another; none when it reads the file. Throws
/// UserError where the file as a whole cannot be read.
std::vector<Refusal> find_refusals(const std::filesystem::path& path);

/// Writes an ANN as ONNX (opset 13, float32, dynamic batch axis), atomically and byte-identically for equal graphs.
/// Node names, the graph's name and the normalisation are kept. QCFS nodes become neurocuda.QCFS, a
/// function that the file defines by standard operators. Throws UnsupportedOperator on IF nodes, which ONNX has no
/// operator for, UserError when the graph is not valid or the file cannot be written.
void write(const ir::Graph& graph, const std::filesystem::path& path);

/// The bytes that write() writes.
std::string serialize(const ir::Graph& graph);

}  // namespace neurocuda::onnx
