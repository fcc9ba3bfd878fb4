#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "neurocuda/program/program.hpp"
#include "nir/native/layout.hpp"

namespace neurocuda::nir::native {

/// What a part says of its Program node, apart from name, sources, groups and bias. `source` is the shape that a pool
/// reads; unused by the other kinds.
program::Node neurons_of(const Part& part, const Shape& source, std::string_view origin);

/// The window of a SumPool2d.
Window pool_window(const Part& part, std::string_view origin);

}  // namespace neurocuda::nir::native
