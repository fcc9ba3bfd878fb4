#pragma once

#include <functional>

#include "neurocuda/base/progress.hpp"
#include "neurocuda/data/dataset.hpp"
#include "neurocuda/network/evaluate.hpp"
#include "neurocuda/network/network.hpp"

namespace neurocuda::network {

/// Images per forward pass for a network and a number of timesteps: the T-fold batch stays small enough for the caches
/// and memory.
std::int64_t float_batch_size(const Network& network, const FloatOptions& options);

/// Calls visit(logits, labels on the device) for every batch of the data set, without gradients. Logits as
/// Network::forward gives them; labels (0,) where the data set has none.
void for_each_batch(Network& network, const data::Dataset& dataset, const ForwardOptions& forward,
                    std::int64_t batch_size,
                    const std::function<void(const torch::Tensor&, const torch::Tensor&)>& visit, Progress& progress);

}  // namespace neurocuda::network
