#include "neurocuda/base/error.hpp"
#include "neurocuda/program/program.hpp"

namespace neurocuda::program {

std::int64_t channels(const Shape& shape) {
  ensure(!shape.empty(), "a node's shape has at least the channel axis");
  return shape[0];
}

std::int64_t plane(const Shape& shape) {
  std::int64_t positions = 1;
  for (std::size_t axis = 1; axis < shape.size(); ++axis) positions *= shape[axis];
  return positions;
}

}  // namespace neurocuda::program
