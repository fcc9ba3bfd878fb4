#pragma once

#include <set>
#include <string>
#include <string_view>

#include "nir/graph.hpp"

namespace neurocuda::nir::native {

/// The datasets whose shapes fit the network around them, by path ("/node/nodes/conv/weight"): the sizes of a network
/// follow from its input, its windows and the channels of its layers. `outline` has every shape, and of large datasets
/// nothing else. What does not fit is left out; so is all that a damaged outline does not tell.
std::set<std::string> needed_datasets(const Graph& outline, std::string_view origin);

}  // namespace neurocuda::nir::native
