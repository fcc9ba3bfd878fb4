#pragma once

#include "neurocuda/data/dataset.hpp"

namespace neurocuda::data {

/// sample(), but a set that is to be taken whole (count 0, or not smaller than the set) stays as it is, order and name
/// included.
Dataset at_most(const Dataset& dataset, std::int64_t count, std::uint64_t seed);

}  // namespace neurocuda::data
