#pragma once

#include <set>

#include "onnx/read/node_importer.hpp"

namespace neurocuda::onnx {

/// An axis that may be counted from the end. Throws UserError when there is none.
std::size_t read_axis(const NodeImporter& node, std::int64_t axis, std::size_t rank);

/// The axes that a node names; all when it names none. Throws UserError for one that is not there or stands twice.
std::set<std::size_t> read_axes(const NodeImporter& node, const std::vector<std::int64_t>& axes, std::size_t rank);

/// "perm" of a Transpose: for each axis of the result, the one of the input; the other way round by default. Throws
/// UserError for what is no permutation.
std::vector<std::size_t> read_permutation(NodeImporter& node, std::size_t rank);

}  // namespace neurocuda::onnx
