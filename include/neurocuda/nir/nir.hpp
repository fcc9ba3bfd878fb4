#pragma once

#include <filesystem>

#include "neurocuda/program/program.hpp"

namespace neurocuda::nir {

/// Writes the Program as a NIR graph in HDF5 ("native" profile: integer units, full-shape thresholds; what our rule needs beyond
/// NIR is in metadata, see docs/nir.md). Atomic; two writes of one Program are byte-identical. `nir.read` of the Python package loads the file with its type check on.
void write(const program::Program& program, const std::filesystem::path& path);

/// Reads a file of the native profile back to an identical Program. Throws UserError naming file, node and value on anything malformed, truncated, not finite or
/// not integral, and on NIR files of other origin (foreign graphs come with a later release).
program::Program read(const std::filesystem::path& path);

}  // namespace neurocuda::nir
