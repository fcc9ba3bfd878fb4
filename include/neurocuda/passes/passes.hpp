#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "neurocuda/ir/graph.hpp"

/// Graph to graph. No pass changes its argument.
namespace neurocuda::passes {

/// What a rewrite does to one node.
using Rewriter = std::function<ir::Operator(const ir::Node&)>;

/// A copy of the graph with every operator replaced by rewrite(node); wiring and names stay.
ir::Graph map_operators(const ir::Graph& graph, const Rewriter& rewrite);

/// Drops Identity and Dropout nodes: their readers read what they read.
ir::Graph remove_identities(const ir::Graph& graph);

/// The graph in which every layer reads convolutions, linear layers and identities of what fires, or of pools of that:
/// what branches() takes. Between two activations everything is linear, so a path of linear operators (convolutions,
/// batch norms, average pools, linear layers, concatenations, slices) is composed into one convolution or linear layer,
/// exactly but for one rounding of each weight; a sum of paths becomes branches of one layer. A layer that reads a
/// concatenation becomes one layer for each of its parts, and max pools of currents move behind the ReLU.
/// Channels that nothing can make fire (pruned filters, batch norms of gamma 0) are left out, with the weights that
/// read them. A graph that has none and is already so comes back as it is, with its batch norms. Throws
/// ir::BranchRefusal for what cannot be composed exactly: zero padding where the value before it is not zero, a max
/// pool of currents without a ReLU, ...
ir::Graph make_layers(const ir::Graph& graph);

/// Normalisation inside the model goes into the input's: batch norms, slices and concatenations that only scale the
/// channels by positive factors, and through which alone the network sees the input. (pixel - mean) / stddev, then
/// times factor plus shift. Keeps the nodes and their ids; what is not needed any more is read by nobody.
ir::Graph absorb_input_scaling(const ir::Graph& graph);

/// The same function with activations of ordinary size: where `largest`, the largest value of an activation by its
/// name, is beyond 2^6 or below 2^-6, that layer's unit changes by a power of two, which weights before and behind make
/// up for: exactly, but where float32 ends. Activations that identity skips connect have one unit. Needs a graph in
/// layers.
ir::Graph scale_activations(const ir::Graph& graph, const std::map<std::string, double>& largest);

/// Folds every BatchNorm2d into the convolution or linear layer before it (identities between are skipped):
/// w' = w gamma / sqrt(var + eps), b' = (b - mean) gamma / sqrt(var + eps) + beta. Folds remove_identities first.
/// Throws ConversionError naming the node when a batch norm does not follow a convolution or linear layer that it alone
/// reads.
ir::Graph fold_batch_norm(const ir::Graph& graph);

/// Every ReLU becomes QCFS with `levels` and the lambda given for its node name, (C,) each.
/// Throws ConversionError when a lambda is missing or has the wrong size.
ir::Graph substitute_qcfs(const ir::Graph& graph, const std::map<std::string, Tensor<float>>& lambdas,
                          std::int64_t levels);

/// Every QCFS becomes IF with theta = lambda and v0 = theta / 2.
ir::Graph substitute_if(const ir::Graph& graph);

/// The ReLU (without a cap) between the last layer and the Output, if there is one and it is not the only activation.
/// It does not change which logit is the largest, unless none is above zero.
std::optional<ir::NodeId> last_relu(const ir::Graph& graph);

/// Without it: logits as neurons would send them are small integers, many of them equal.
ir::Graph leave_out_last_relu(const ir::Graph& graph);

/// MaxPool2d becomes AvgPool2d of the same window (for networks that are to be trained afterwards).
ir::Graph max_pool_to_avg_pool(const ir::Graph& graph);

/// A network of vectors (F,) as one of images (F, 1, 1), which is how data sets hold vectors; others as they are.
ir::Graph vectors_as_images(const ir::Graph& graph);

/// The weight (outputs, channels x input) of a linear layer that reads the input of an adaptive average pool (channels,
/// input) -> (channels, output) directly, from its weight (outputs, channels x output) behind the pool. Exact for any
/// two sizes, also where the pool enlarges or its windows overlap: pooling is linear. Throws UserError when the weight
/// does not have that shape.
Tensor<float> fold_adaptive_avg_pool(const Tensor<float>& weight, std::int64_t channels, Size2 input, Size2 output);

/// What will happen to one node when the network is converted. exact: the same function, on the integer grid
/// (whose rounding convert reports); approximate: a function that comes close; refused: conversion will throw.
enum class Verdict { exact, approximate, refused };
struct Finding {
  std::string node;  ///< its name
  std::string op;    ///< "Conv2d"
  Verdict verdict = Verdict::exact;
  std::string reason;  ///< one line
  std::string remedy;  ///< one line; empty when exact
};
/// "exact", "approximate", "refused".
std::string_view name_of(Verdict verdict);
template <class Visit>
void visit_fields(const Finding& finding, const Visit& visit) {
  visit("node", finding.node);
  visit("operator", finding.op);
  visit("verdict", name_of(finding.verdict));
  visit("reason", finding.reason);
  visit("remedy", finding.remedy);
}

/// One finding per node, for an ANN (ReLU), QCFS or IF graph. Never throws on a valid graph.
std::vector<Finding> diagnose(const ir::Graph& graph);

/// Throws ConversionError with the first refusal of diagnose(), if any.
void require_convertible(const ir::Graph& graph);

}  // namespace neurocuda::passes
