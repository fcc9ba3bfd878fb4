#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "nir/tree.hpp"

namespace neurocuda::nir::hdf5 {

/// The tree as an HDF5 file, made in memory: libhdf5 crashes at the end of a process whose disk was full. Equal trees
/// give equal bytes: no time stamps, fixed order, fixed chunks. Throws UserError that starts with `origin` when the
/// library refuses.
std::string to_bytes(const Tree& tree, std::string_view origin);

/// Whether the dataset is read; otherwise it has its shape, and no values.
using Wanted = std::function<bool(std::string_view path, const Shape& shape, bool is_text)>;

/// Whatever the rest of a file says: a few numbers, one text, the names of edges.
bool is_small(const Shape& shape, bool is_text);

/// The tree of an HDF5 file; attributes are ignored. Throws UserError that starts with `origin`, and names the object,
/// for anything damaged, outside what NIR files consist of (the layout that HDF5 writes by default: hard links,
/// little-endian numbers and text, gzip and shuffle) or beyond the limits of image.hpp.
///
/// Reads the bytes itself: libhdf5 1.10 crashes on, or never returns from, about one in 400 such files with a few
/// changed bytes (one in 40 of its newer, checksummed layout), and not every build of it is thread-safe.
Tree read_tree(std::span<const std::uint8_t> bytes, std::string_view origin, const Wanted& wanted = {});

}  // namespace neurocuda::nir::hdf5
