#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

#include "neurocuda/program/program.hpp"

namespace neurocuda::nir {

/// Writes the Program as a NIR graph in HDF5 ("native" profile: integer units, full-shape thresholds; what our rule
/// needs beyond NIR is in metadata, see docs/nir.md). Atomic; two writes of one Program are byte-identical. `nir.read`
/// of the Python package loads the file with its type check on, except for what that check gets wrong itself: grouped
/// convolutions, convolutions with a kernel that is not square, dilated pools. UserError when the path cannot be
/// written.
void write(const program::Program& program, const std::filesystem::path& path);

/// Reads a file of the native profile back to an identical Program, also after the Python package has loaded and saved
/// it. Throws UserError naming file, node and value on anything malformed, truncated, not finite or not integral, and
/// on NIR files without our metadata (foreign graphs come with a later release). May be called from several threads.
program::Program read(const std::filesystem::path& path);

/// read() from memory; `origin` stands for the path in error messages.
program::Program parse(std::span<const std::uint8_t> bytes, std::string_view origin);

}  // namespace neurocuda::nir
