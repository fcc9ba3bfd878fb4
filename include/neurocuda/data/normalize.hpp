#pragma once

#include <cstdint>
#include <vector>

namespace neurocuda::data {

/// The normalised value of every pixel value of every channel, (channels, 256): (pixel / 255 - mean) / stddev, computed
/// in double precision and rounded once. Empty mean and stddev: pixel / 255. UserError when their sizes do not match
/// the channels, or a stddev is not positive.
std::vector<float> normalisation_table(std::int64_t channels, const std::vector<float>& mean,
                                       const std::vector<float>& stddev);

}  // namespace neurocuda::data
