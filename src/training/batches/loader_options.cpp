#include "neurocuda/training/loader_options.hpp"

#include <algorithm>

#include "neurocuda/base/threads.hpp"
#include "neurocuda/network/data_fit.hpp"

namespace neurocuda::training {

data::LoaderOptions loader_options(const ir::Graph& graph, const data::Dataset& dataset, std::int64_t batch_size,
                                   const data::Augmentation& augmentation, std::uint64_t seed, int threads) {
  const auto normalization = network::normalization_for(graph, dataset);
  // A last batch of one image would break batch statistics; a short one only adds noise.
  return {std::min(batch_size, dataset.size()),
          true,
          true,
          seed,
          resolve_threads(threads),
          augmentation,
          normalization.mean,
          normalization.stddev};
}

}  // namespace neurocuda::training
