#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "neurocuda/program/program.hpp"
#include "nir/native/layout.hpp"

namespace neurocuda::nir::native {

/// The connection and shifts of one synapse group; name and source are the caller's. Adds the group's bias to `bias`,
/// (O,).
program::SynapseGroup synapses_of(const Part& part, const Shape& source, std::vector<std::int64_t>& bias,
                                  std::string_view origin);

/// Largest kernel, stride, padding and dilation taken.
inline constexpr std::int64_t kMaxExtent = 4096;
/// A group count beyond any real layer's.
inline constexpr std::int64_t kMaxGroups = std::int64_t{1} << 20;

}  // namespace neurocuda::nir::native
