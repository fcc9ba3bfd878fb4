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

/// `by_timestep` is empty, or (T', C) with T' in 1..kMaxTimesteps and `bias` its mean.
void check_biases_by_timestep(const Node& node, const std::vector<std::int32_t>& bias,
                              const Tensor<std::int32_t>& by_timestep);
/// The kind of neuron and the density of an IF layer.
void check_neurons(const Node& node, const IfLayer& layer);
/// The rule of a max pool, without what it needs of its source.
void check_rule(const Node& node, const OrPool& pool);

/// What is particular to the kind of node `index`; sources and shapes before it have been checked.
void check_kind(const Program& program, NodeIndex index);

}  // namespace neurocuda::program
