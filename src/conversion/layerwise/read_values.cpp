#include "conversion/layerwise/read_values.hpp"

#include "neurocuda/network/operators.hpp"

namespace neurocuda::conversion::layerwise {

ReadValues::ReadValues(const ir::Graph& graph, ir::NodeId layer, const std::vector<Shape>& shapes) {
  const std::vector<ir::NodeId> readers = graph.consumers()[layer];
  ir::NodeId read = layer;
  if (readers.size() == 1) {
    if (const auto* pool = graph.node(readers[0]).as<ir::MaxPool2d>()) {
      pool_ = *pool;
      read = readers[0];
    }
  }
  const Shape& shape = shapes[read];
  if (shape.size() == 3) positions_ = static_cast<double>(shape[1] * shape[2]);
}

torch::Tensor ReadValues::of(const torch::Tensor& values) const {
  return pool_ ? network::value_of(*pool_, values.to(torch::kFloat32)) : values;
}

torch::Tensor ReadValues::growth(const torch::Tensor& counts, const torch::Tensor& spikes) const {
  if (!pool_ || !counts.defined()) return of(spikes);
  return of(counts + spikes) - of(counts);
}

}  // namespace neurocuda::conversion::layerwise
