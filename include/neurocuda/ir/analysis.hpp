#pragma once

#include <string>
#include <vector>

#include "neurocuda/ir/graph.hpp"

namespace neurocuda::ir {

/// The shape of every node's value without the batch axis, indexed by NodeId. Throws UserError that names
/// the node, the shapes and the reason when operators do not fit together.
std::vector<Shape> infer_shapes(const Graph& graph);
/// Appends those of the nodes that were added since `shapes` was inferred.
void infer_more_shapes(const Graph& graph, std::vector<Shape>& shapes);

/// Checks everything that later parts rely on: exactly one Input and one Output, every node reaches the output,
/// shapes fit, parameters are finite, their sizes match the channels, thresholds are positive, variances are not
/// negative and positive with epsilon, strides and kernels are at least 1. Throws UserError that names the node.
void validate(const Graph& graph);

/// Dense multiply-accumulates of one pass over one image (convolutions and linear layers).
std::int64_t dense_macs(const Graph& graph);

/// Number of trainable values: weights, biases, gamma and beta, lambda, theta and v0.
std::int64_t parameter_count(const Graph& graph);

using neurocuda::to_string;  // the shape overloads, which the next declaration would hide inside this namespace
/// A table: name, operator with its attributes, output shape, parameters, inputs; then a line of totals. Shapes that
/// do not fit are shown as "?".
std::string to_string(const Graph& graph);

}  // namespace neurocuda::ir
