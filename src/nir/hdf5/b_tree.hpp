#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "nir/hdf5/image.hpp"

namespace neurocuda::nir::hdf5 {

enum class TreeKind : std::uint8_t { group = 0, chunks = 1 };

/// Calls visit(key, address) for every leaf of a version 1 B-tree, in key order. `key_bytes` is the size of a key; the
/// one given stands before the child.
void walk_b_tree(Image& image, std::uint64_t root, TreeKind kind, std::uint64_t key_bytes, std::string_view object,
                 const std::function<void(Bytes key, std::uint64_t address)>& visit);

}  // namespace neurocuda::nir::hdf5
