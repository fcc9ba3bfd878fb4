#pragma once

#include <cstdint>
#include <vector>

#include "neurocuda/program/bounds.hpp"

namespace neurocuda::program {

/// The current that one channel can receive at one timestep, as magnitudes: the sum over its groups lies in
/// [-negative, positive], and so does every partial sum in every order. Saturated at 2^46, so that products with T
/// cannot overflow int64; anything near that is far beyond int32 anyway.
struct Drive {
  std::int64_t positive = 0;
  std::int64_t negative = 0;
};

/// One Drive per channel of an IF layer or accumulator. `ranges` are the value_ranges() of the Program.
std::vector<Drive> channel_drives(const Node& node, const std::vector<ValueRange>& ranges);

}  // namespace neurocuda::program
