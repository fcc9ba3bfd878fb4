#include "training/loop/schedule.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace neurocuda::training {

double warmup_cosine(std::int64_t step, std::int64_t warmup, std::int64_t total) {
  if (step < warmup) return static_cast<double>(step + 1) / static_cast<double>(warmup);
  const auto span = static_cast<double>(std::max<std::int64_t>(1, total - warmup));
  const double progress = std::min(1.0, static_cast<double>(step - warmup) / span);
  return 0.5 * (1.0 + std::cos(std::numbers::pi * progress));
}

}  // namespace neurocuda::training
