#pragma once

#include <cstdint>

#include "runtime/cpu/plan/plan.hpp"

/// Between the (C, H, W) order of inputs and records and the channel-last order of the kernels.
namespace neurocuda::runtime::cpu {

/// Bits [position][words] from 0/1 values in (C, H, W) order.
void bits_from_image(const PlannedNode& node, const std::int8_t* image, std::uint64_t* bits);
/// Integers [position][channels] from values in (C, H, W) order.
void values_from_image(const PlannedNode& node, const std::int8_t* image, std::int32_t* values);
/// A row of a LayerRecord (zero before) from bits [position][words].
void record_bits(const PlannedNode& node, const std::uint64_t* bits, std::uint64_t* row);
/// The part of a membrane row of a LayerRecord that is a tile's, from [position][padded] of the whole layer.
void record_membrane(const PlannedNode& node, const Tile& tile, const std::int32_t* membrane, std::int32_t* row);

}  // namespace neurocuda::runtime::cpu
