#pragma once

#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "neurocuda/base/shape.hpp"
#include "nir/hdf5/object_header.hpp"

namespace neurocuda::nir::hdf5 {

enum class ElementKind { float32, float64, signed_integer, unsigned_integer, fixed_text, variable_text };

struct ElementType {
  ElementKind kind;
  std::uint64_t bytes = 0;  ///< in the file
};

/// Where the elements lie.
struct CompactLayout {
  Bytes data;
};
struct ContiguousLayout {
  std::uint64_t address = kUndefined;
  std::uint64_t bytes = 0;
};
struct ChunkedLayout {
  std::uint64_t index = kUndefined;
  std::vector<std::uint64_t> chunk;  ///< extents of a chunk, in elements
};
using Layout = std::variant<CompactLayout, ContiguousLayout, ChunkedLayout>;

enum class Filter : std::uint16_t { deflate = 1, shuffle = 2 };

/// What the header of a dataset says, each checked by itself and against the limits of image.hpp.
Shape read_dataspace(const Image& image, Bytes message, std::string_view object);
ElementType read_datatype(const Image& image, Bytes message, std::string_view object);
Layout read_layout(const Image& image, Bytes message, std::string_view object);
/// In the order in which they were applied.
std::vector<Filter> read_filters(const Image& image, Bytes message, std::string_view object);

}  // namespace neurocuda::nir::hdf5
