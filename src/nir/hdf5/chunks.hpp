#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "nir/hdf5/dataset_messages.hpp"

namespace neurocuda::nir::hdf5 {

/// The bytes of a chunked dataset in row-major order. Every chunk must be there, once.
std::vector<std::uint8_t> read_chunks(Image& image, const ChunkedLayout& layout, const std::vector<Filter>& filters,
                                      const Shape& shape, std::uint64_t element_bytes, std::string_view object);

}  // namespace neurocuda::nir::hdf5
