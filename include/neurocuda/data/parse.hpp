#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "neurocuda/base/shape.hpp"
#include "neurocuda/data/picture.hpp"

/// The file formats themselves, on bytes in memory. Every function throws UserError on malformed bytes, never reads
/// past their end and allocates no more than a small multiple of their number. `file` is the name for messages.
namespace neurocuda::data {

/// Images of CIFAR's binary formats in the order of the file.
struct CifarRecords {
  std::vector<std::uint8_t> labels;  ///< (n,), 0..9 or 0..99
  std::vector<std::uint8_t> pixels;  ///< (n, 3, 32, 32)
};

inline constexpr std::int64_t kCifarRecordBytes = 1 + 3 * 32 * 32;
inline constexpr std::int64_t kCifarMaxRecords = 10'000;
inline constexpr std::int64_t kCifar100RecordBytes = 2 + 3 * 32 * 32;
inline constexpr std::int64_t kCifar100MaxRecords = 50'000;

/// Appends 1..kCifarMaxRecords whole records to `records`.
void parse_cifar10(std::span<const std::uint8_t> bytes, std::string_view file, CifarRecords& records);
/// The same for 1..kCifar100MaxRecords records with a coarse and a fine label, of which the fine one is kept.
void parse_cifar100(std::span<const std::uint8_t> bytes, std::string_view file, CifarRecords& records);

/// An idx file of unsigned bytes (type code 8).
struct Idx {
  Shape shape;                           ///< 1 to 4 axes, every extent positive
  std::span<const std::uint8_t> values;  ///< row-major, inside the parsed bytes
};

Idx parse_idx(std::span<const std::uint8_t> bytes, std::string_view file);

/// The extents of a PNG or JPEG image, of which the header (and what stands before it) is enough. Channels: 1 or 3.
ImageSize parse_image_size(std::span<const std::uint8_t> bytes, std::string_view file, std::int64_t most_pixels);
/// The image itself. Nothing is decoded when it has more than `most_pixels`.
Picture parse_image(std::span<const std::uint8_t> bytes, std::string_view file, std::int64_t most_pixels);

}  // namespace neurocuda::data
