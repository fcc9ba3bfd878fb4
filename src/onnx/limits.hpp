#pragma once

#include <cstdint>

namespace neurocuda::onnx {

/// Larger files are neither read nor written: image classifiers that become spiking networks are far below.
inline constexpr std::int64_t kMaxFileBytes = std::int64_t{512} << 20;

/// ResNet-1202 has about 4,000 nodes. Keeps work that is quadratic in the number of nodes short on malformed files.
inline constexpr int kMaxNodes = 8192;

/// Messages of a parsed file may take this much memory: an empty message is 2 bytes on disk and some 150 in memory.
constexpr std::uint64_t max_message_bytes(std::uint64_t file_bytes) {
  return 8 * file_bytes + (std::uint64_t{64} << 20);
}

/// Constants as they are decoded and computed, and the parameters of all nodes, together: tensors that several nodes
/// share are copied for each of them. An int8 weight takes 12 bytes: decoded, scaled, and as a parameter.
constexpr std::int64_t max_parameter_bytes(std::int64_t file_bytes) {
  return 12 * file_bytes + (std::int64_t{64} << 20);
}

}  // namespace neurocuda::onnx
