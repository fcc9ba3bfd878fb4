#include "runtime/cpu/plan/layout.hpp"

#include <algorithm>
#include <bit>

namespace neurocuda::runtime::cpu {

void bits_from_image(const PlannedNode& node, const std::int8_t* image, std::uint64_t* bits) {
  std::fill_n(bits, node.positions * node.words, 0);
  for (std::int64_t c = 0; c < node.channels; ++c) {
    for (std::int64_t p = 0; p < node.positions; ++p) {
      bits[p * node.words + c / 64] |= static_cast<std::uint64_t>(*image++ != 0) << (c % 64);
    }
  }
}

void values_from_image(const PlannedNode& node, const std::int8_t* image, std::int32_t* values) {
  for (std::int64_t c = 0; c < node.channels; ++c) {
    for (std::int64_t p = 0; p < node.positions; ++p) values[p * node.channels + c] = *image++;
  }
}

void record_bits(const PlannedNode& node, const std::uint64_t* bits, std::uint64_t* row) {
  for (std::int64_t p = 0; p < node.positions; ++p) {
    for (std::int64_t word = 0; word < node.words; ++word) {
      for (std::uint64_t left = bits[p * node.words + word]; left != 0; left &= left - 1) {
        const std::int64_t neuron = (64 * word + std::countr_zero(left)) * node.positions + p;
        row[neuron / 64] |= std::uint64_t{1} << (neuron % 64);
      }
    }
  }
}

void record_membrane(const PlannedNode& node, const Tile& tile, const std::int32_t* membrane, std::int32_t* row) {
  const std::int64_t first = tile.first_row * node.width, end = first + tile.rows * node.width;
  for (std::int64_t c = tile.first_channel; c < std::min(tile.first_channel + tile.channels, node.channels); ++c) {
    for (std::int64_t p = first; p < end; ++p) row[c * node.positions + p] = membrane[p * node.padded + c];
  }
}

}  // namespace neurocuda::runtime::cpu
