#pragma once

#include <cstdint>

namespace neurocuda::training {

/// Linear warm-up to the peak, then cosine to zero (Loshchilov & Hutter 2017, without restarts). A factor of the peak
/// rate at `step` of `total`.
double warmup_cosine(std::int64_t step, std::int64_t warmup, std::int64_t total);

}  // namespace neurocuda::training
