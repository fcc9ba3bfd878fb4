#include "conversion/training/data_fit.hpp"

#include "neurocuda/base/error.hpp"
#include "neurocuda/base/threads.hpp"
#include "neurocuda/ir/analysis.hpp"

namespace neurocuda::conversion {

void require_fit(const ir::Graph& graph, const data::Dataset& dataset) {
  if (dataset.size() == 0) fail("{}: holds no images", dataset.name);
  const Shape& expected = graph.input_operator().shape;
  if (expected != dataset.image_shape()) {
    fail("{}: images of shape {} do not fit the network '{}', which takes {}; choose the data it was made for",
         dataset.name, to_string(dataset.image_shape()), graph.name, to_string(expected));
  }
  const Shape classes = ir::infer_shapes(graph)[graph.output()];
  if (classes.size() != 1 || classes[0] < dataset.classes) {
    fail("{}: has {} classes, the network '{}' gives {}; choose the data it was made for", dataset.name,
         dataset.classes, graph.name, to_string(classes));
  }
}

std::int64_t class_count(const ir::Graph& graph) { return ir::infer_shapes(graph)[graph.output()].front(); }

ir::Normalization normalization_for(const ir::Graph& graph, const data::Dataset& dataset) {
  const ir::Normalization& own = graph.input_operator().normalization;
  return own.empty() ? ir::Normalization{dataset.mean, dataset.stddev} : own;
}

data::LoaderOptions loader_options(const ir::Graph& graph, const data::Dataset& dataset, std::int64_t batch_size,
                                   const data::Augmentation& augmentation, std::uint64_t seed,
                                   const ComputeOptions& compute) {
  if (batch_size < 1) fail("--batch-size {}: must be at least 1", batch_size);
  const auto normalization = normalization_for(graph, dataset);
  // A last batch of one image would break batch statistics; a short one only adds noise.
  return {std::min(batch_size, dataset.size()),
          true,
          true,
          seed,
          resolve_threads(compute.threads),
          augmentation,
          normalization.mean,
          normalization.stddev};
}

}  // namespace neurocuda::conversion
