#pragma once

#include <string_view>

#include "neurocuda/program/program.hpp"
#include "nir/graph.hpp"

namespace neurocuda::nir::native {

/// The NIR graph of a valid Program in integer units. Throws UserError when a name cannot be stored.
Graph graph_of(const program::Program& program, std::string_view origin);

/// The Program of a graph made by graph_of, validated. Throws UserError that starts with `origin` and names the node
/// and the value.
program::Program program_of(const Graph& graph, std::string_view origin);

}  // namespace neurocuda::nir::native
