#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "neurocuda/base/shape.hpp"

/// The file formats themselves, on bytes in memory. Every function throws UserError on malformed bytes, never reads
/// past their end and allocates no more than a small multiple of their number. `file` is the name for messages.
namespace neurocuda::data {

/// Images of the CIFAR-10 binary format in the order of the file.
struct CifarRecords {
  std::vector<std::uint8_t> labels;  ///< (n,), 0..9
  std::vector<std::uint8_t> pixels;  ///< (n, 3, 32, 32)
};

inline constexpr std::int64_t kCifarRecordBytes = 1 + 3 * 32 * 32;
inline constexpr std::int64_t kCifarMaxRecords = 10'000;

/// Appends 1..kCifarMaxRecords whole records to `records`.
void parse_cifar10(std::span<const std::uint8_t> bytes, std::string_view file, CifarRecords& records);

/// An idx file of unsigned bytes (type code 8).
struct Idx {
  Shape shape;                           ///< 1 to 4 axes, every extent positive
  std::span<const std::uint8_t> values;  ///< row-major, inside the parsed bytes
};

Idx parse_idx(std::span<const std::uint8_t> bytes, std::string_view file);

}  // namespace neurocuda::data
