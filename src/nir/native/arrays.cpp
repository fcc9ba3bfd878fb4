#include "nir/native/arrays.hpp"

#include <algorithm>

#include "neurocuda/program/program.hpp"

namespace neurocuda::nir::native {

Array real_array(Shape shape, std::span<const std::int64_t> values) {
  const bool exact = std::all_of(values.begin(), values.end(),
                                 [](std::int64_t v) { return static_cast<std::int64_t>(static_cast<float>(v)) == v; });
  if (exact) return {std::move(shape), std::vector<float>(values.begin(), values.end())};
  return {std::move(shape), std::vector<double>(values.begin(), values.end())};
}

std::vector<std::int64_t> spread(std::span<const std::int64_t> channels, const Shape& shape) {
  const std::int64_t plane = program::plane(shape);
  std::vector<std::int64_t> values;
  values.reserve(channels.size() * static_cast<std::size_t>(plane));
  for (const std::int64_t value : channels) values.insert(values.end(), static_cast<std::size_t>(plane), value);
  return values;
}

}  // namespace neurocuda::nir::native
