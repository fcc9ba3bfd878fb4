#pragma once

#include <cstdint>

#include "conversion/layerwise/branch_values.hpp"

namespace neurocuda::conversion::layerwise {

/// Output positions at which a layer is looked at, on one block of images: indices into (image, position), flat.
torch::Tensor sampled_positions(std::int64_t images, std::int64_t positions, std::int64_t wanted, std::uint64_t seed);

/// The inputs of a connection at those output positions, (G, rows, K): G the groups of a convolution, K the weights of
/// one output of a group, in the order of flat_weight(). read (n, ...): what the connection reads.
torch::Tensor unfolded_rows(const ir::Node& connection, const torch::Tensor& read, const Shape& output,
                            const torch::Tensor& positions);

/// G of a connection: 1 but for convolutions with groups.
std::int64_t connection_groups(const ir::Node& connection);

/// The weight as (G, O / G, K), and back.
torch::Tensor flat_weight(const ir::Node& connection, const torch::Tensor& weight);
torch::Tensor from_flat_weight(const ir::Node& connection, const torch::Tensor& flat, const torch::Tensor& like);

/// A current (n, O, ...) at sampled positions, (rows, O).
torch::Tensor rows_of_current(const torch::Tensor& current, const torch::Tensor& positions);

}  // namespace neurocuda::conversion::layerwise
