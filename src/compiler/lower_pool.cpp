#include "compiler/lower_pool.hpp"

namespace neurocuda::compiler {

std::optional<program::NodeKind> lower_pool(const ir::Node& node, program::NodeIndex source,
                                            const Shape& source_shape) {
  if (const auto* pool = node.as<ir::AvgPool2d>()) return program::SumPool{source, pool->window};
  if (const auto* pool = node.as<ir::MaxPool2d>()) {
    return program::OrPool{source, pool->window, program::MaxPoolRule::maximum_of_counts, pool->takes_minimum};
  }
  if (node.as<ir::GlobalAvgPool>()) {
    return program::SumPool{source, Window{.kernel = {source_shape.at(1), source_shape.at(2)}}};
  }
  return std::nullopt;
}

}  // namespace neurocuda::compiler
