#pragma once

#include <cmath>

#include "neurocuda/ir/operators.hpp"

namespace neurocuda::passes {

/// By what a batch norm multiplies channel c. In double precision: each folded value is rounded once.
inline double factor_of(const ir::BatchNorm2d& norm, std::int64_t c) {
  return norm.gamma[c] / std::sqrt(double{norm.variance[c]} + double{norm.epsilon});
}

}  // namespace neurocuda::passes
