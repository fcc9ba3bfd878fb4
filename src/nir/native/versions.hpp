#pragma once

#include <cstdint>
#include <string_view>

#include "nir/graph.hpp"
#include "nir/native/fields.hpp"

namespace neurocuda::nir::native {

/// The format version that the graph's metadata states. UserError when this release does not read it.
std::int64_t version_of(const Fields& metadata);

/// Throws UserError when a file states a version older than a key that it has: readers of that version pass over the
/// key, and run another network. Also when such a key is no value but a group of values.
void check_keys(const Graph& graph, std::int64_t version, std::string_view origin);

}  // namespace neurocuda::nir::native
