#pragma once

#include <cstdint>

#include "neurocuda/conversion/fine_tune.hpp"

namespace neurocuda::conversion {

/// Images per forward pass so that a step stays within `limit` bytes (0: half of the memory that is free). UserError
/// when not even one image fits.
std::int64_t micro_batch(std::int64_t batch_size, std::int64_t bytes_per_image, std::int64_t limit);

}  // namespace neurocuda::conversion
