#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nir/hdf5/object_header.hpp"

namespace neurocuda::nir::hdf5 {

/// Names and header addresses of the members of a group. Soft and external links are refused.
std::vector<std::pair<std::string, std::uint64_t>> group_members(Image& image, const ObjectHeader& header,
                                                                 std::string_view object);

}  // namespace neurocuda::nir::hdf5
