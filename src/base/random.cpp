#include "neurocuda/base/random.hpp"

#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

#include "neurocuda/base/error.hpp"

namespace neurocuda {

std::int64_t Random::below(std::int64_t bound) {
  ensure(bound > 0, "Random::below needs a positive bound");
  const auto range = static_cast<std::uint64_t>(bound);
  const std::uint64_t unbiased = UINT64_MAX - UINT64_MAX % range;
  std::uint64_t draw = bits();
  while (draw >= unbiased) draw = bits();
  return static_cast<std::int64_t>(draw % range);
}

double Random::normal() {
  const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
  return radius * std::cos(2.0 * std::numbers::pi * uniform());
}

std::vector<std::int64_t> Random::permutation(std::int64_t count) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), std::int64_t{0});
  for (std::int64_t i = count - 1; i > 0; --i) std::swap(order[i], order[below(i + 1)]);
  return order;
}

}  // namespace neurocuda
