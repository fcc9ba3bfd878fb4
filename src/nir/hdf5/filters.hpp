#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "nir/hdf5/dataset_messages.hpp"

namespace neurocuda::nir::hdf5 {

/// Undoes the filters of one chunk, last one first, except those whose bit is set in `skipped`. The result has
/// `unpacked_bytes`, or the file is damaged.
std::vector<std::uint8_t> unpack_chunk(const Image& image, Bytes packed, const std::vector<Filter>& filters,
                                       std::uint32_t skipped, std::uint64_t unpacked_bytes, std::uint64_t element_bytes,
                                       std::string_view object);

}  // namespace neurocuda::nir::hdf5
