#pragma once

#include "neurocuda/program/program.hpp"

/// The pieces of validate(). Each throws UserError that names the node, the value and what would be right.
namespace neurocuda::program {

/// Largest kernel, stride, padding and dilation, so that no position can overflow.
inline constexpr std::int64_t kMaxWindowExtent = 4096;
/// Most values (neurons, pooled counts, inputs) of a whole Program: bounds what an executable allocates.
inline constexpr std::int64_t kMaxValues = std::int64_t{1} << 28;

/// Names end up as HDF5 names and in one-line messages: not empty, no '/', not "." or "..", no control characters.
/// `what` says whose name it is.
void check_name(const std::string& name, std::string_view what);

/// (C,) or (C, H, W), every extent at least 1, at most kMaxValues values.
void check_shape(const Node& node);

void check_window(const Node& node, std::string_view owner, const Window& window);

/// The source stands before the reader and is not an Accumulator.
void check_source(const Program& program, NodeIndex reader, NodeIndex source);

void check_group(const Program& program, NodeIndex reader, const SynapseGroup& group);

/// What is particular to the kind of node `index`; sources and shapes before it have been checked.
void check_kind(const Program& program, NodeIndex index);

}  // namespace neurocuda::program
