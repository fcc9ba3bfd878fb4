#pragma once

#include <string>
#include <variant>
#include <vector>

#include "cli/notices.hpp"
#include "neurocuda/ir/graph.hpp"
#include "neurocuda/passes/passes.hpp"
#include "neurocuda/program/program.hpp"

namespace neurocuda::cli {

/// An ANN (ONNX) or an SNN (NIR).
using Model = std::variant<ir::Graph, program::Program>;

/// Reads either kind: by content (HDF5 signature: NIR), then by name (.onnx, .nir). Throws UserError naming the file
/// when it is neither, or when its reader refuses it. What an ANN's reader leaves out is noted.
Model read_model(const std::string& path, Notices& notices);
/// Reads an ANN; says what to do when the file is an SNN.
ir::Graph read_ann(const std::string& path, Notices& notices);
/// As passes::require_convertible; what a conversion of this ANN leaves out is noted.
void require_convertible(const ir::Graph& ann, const std::string& path, Notices& notices);
/// All nodes of an ANN file that its reader refuses; none for other files.
std::vector<passes::Finding> find_refusals(const std::string& path);
/// Reads an SNN; says what to do when the file is an ANN.
program::Program read_snn(const std::string& path);

}  // namespace neurocuda::cli
