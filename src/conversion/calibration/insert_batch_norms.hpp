#pragma once

#include "neurocuda/data/dataset.hpp"
#include "neurocuda/ir/graph.hpp"
#include "neurocuda/network/compute.hpp"

namespace neurocuda::conversion {

/// A network that came with its batch norms folded (exporters do that) trains badly at useful learning rates. This puts
/// one behind every convolution and hidden linear layer that has none, with the statistics of its output on `images`
/// images of the data, and gamma and beta such that the function stays what it was; filters become unit vectors, which
/// makes the learning rate mean the same for all (Salimans and Kingma 2016, arXiv 1602.07868).
ir::Graph insert_batch_norms(const ir::Graph& graph, const data::Dataset& dataset, std::int64_t images,
                             const network::ComputeOptions& compute);

}  // namespace neurocuda::conversion
