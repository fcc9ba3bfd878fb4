#pragma once

#include <cstdint>

/// The metadata that the native profile adds to NIR, all of it below metadata/neurocuda of the graph and of its nodes.
/// docs/nir.md describes every key.
namespace neurocuda::nir::native {

/// The version that is written. versions.cpp says which ones are read, and which keys came with which.
inline constexpr std::int64_t kFormatVersion = 2;

namespace key {
inline constexpr const char* space = "neurocuda";
// of the graph
inline constexpr const char* format_version = "format_version";
inline constexpr const char* profile = "profile";
inline constexpr const char* timesteps = "timesteps";
inline constexpr const char* reset = "reset";
inline constexpr const char* comparator = "comparator";
inline constexpr const char* schedule = "schedule";
inline constexpr const char* mode = "mode";
inline constexpr const char* settings = "settings";
inline constexpr const char* made_by = "made_by";
// of nodes
inline constexpr const char* name = "name";
inline constexpr const char* kind = "kind";
inline constexpr const char* index = "index";
inline constexpr const char* scale = "scale";
inline constexpr const char* v0 = "v0";
inline constexpr const char* encoding = "encoding";
inline constexpr const char* bits = "bits";
inline constexpr const char* mean = "mean";
inline constexpr const char* stddev = "stddev";
inline constexpr const char* dilation = "dilation";
inline constexpr const char* ceil_mode = "ceil_mode";
inline constexpr const char* position = "position";
inline constexpr const char* shift = "shift";
inline constexpr const char* neuron = "neuron";
inline constexpr const char* bias_by_timestep = "bias_by_timestep";
inline constexpr const char* density = "density";
inline constexpr const char* rule = "rule";
inline constexpr const char* takes_minimum = "takes_minimum";
}  // namespace key

namespace value {
inline constexpr const char* native = "native";
inline constexpr const char* subtract = "subtract";
inline constexpr const char* greater_equal = "greater_equal";
inline constexpr const char* layer_synchronous = "layer_synchronous";
inline constexpr const char* constant_current = "constant_current";
inline constexpr const char* spike_train = "spike_train";
inline constexpr const char* plain = "plain";
inline constexpr const char* signed_ = "signed";
inline constexpr const char* or_per_timestep = "or_per_timestep";
inline constexpr const char* maximum_of_counts = "maximum_of_counts";
}  // namespace value

/// What a NIR node stands for. The first five are nodes of the Program, then its synapse groups, then helpers that
/// carry no information of their own.
namespace kind {
inline constexpr const char* input = "input";
inline constexpr const char* if_layer = "if_layer";
inline constexpr const char* sum_pool = "sum_pool";
inline constexpr const char* or_pool = "or_pool";
inline constexpr const char* accumulator = "accumulator";
inline constexpr const char* conv = "conv";
inline constexpr const char* linear = "linear";
inline constexpr const char* diagonal = "diagonal";
inline constexpr const char* flatten = "flatten";
inline constexpr const char* or_sum = "or_sum";
}  // namespace kind

}  // namespace neurocuda::nir::native
