#include "neurocuda/network/data_fit.hpp"

#include "neurocuda/base/error.hpp"
#include "neurocuda/ir/analysis.hpp"

namespace neurocuda::network {

void require_fit(const ir::Graph& graph, const data::Dataset& dataset) {
  if (dataset.size() == 0) fail("{}: holds no images", dataset.name);
  const Shape& expected = graph.input_operator().shape;
  if (expected != dataset.image_shape()) {
    fail("{}: images of shape {} do not fit the network '{}', which takes {}; choose the data it was made for",
         dataset.name, to_string(dataset.image_shape()), graph.name, to_string(expected));
  }
  const Shape classes = ir::infer_shapes(graph)[graph.output()];
  if (element_count(classes) != classes[0] || classes[0] < dataset.classes) {
    fail("{}: has {} classes, the network '{}' gives {}; choose the data it was made for", dataset.name,
         dataset.classes, graph.name, to_string(classes));
  }
}

ir::Normalization normalization_for(const ir::Graph& graph, const data::Dataset& dataset) {
  const ir::Normalization& own = graph.input_operator().normalization;
  return own.empty() ? ir::Normalization{dataset.mean, dataset.stddev} : own;
}

}  // namespace neurocuda::network
