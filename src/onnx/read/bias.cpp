#include "onnx/read/bias.hpp"

#include <algorithm>

namespace neurocuda::onnx {
namespace {

/// (channels, 1...), possibly with leading 1s up to the batch axis.
bool is_per_channel(const Shape& shape, std::int64_t channels, std::size_t trailing) {
  if (shape.size() < trailing + 1 || shape.size() > trailing + 2) return false;
  const auto channel_axis = shape.end() - static_cast<std::ptrdiff_t>(trailing) - 1;
  const auto is_one = [](std::int64_t extent) { return extent == 1; };
  return *channel_axis == channels && std::all_of(shape.begin(), channel_axis, is_one) &&
         std::all_of(channel_axis + 1, shape.end(), is_one);
}

}  // namespace

Tensor<float> as_bias(const NodeImporter& node, const Tensor<float>& constant, std::int64_t channels,
                      std::size_t trailing) {
  if (constant.size() == 1 && constant.shape().size() <= trailing + 2) return Tensor<float>({channels}, constant[0]);
  if (!is_per_channel(constant.shape(), channels, trailing)) {
    node.unsupported("adds a constant of shape {}; only a bias per channel, here {} values, is supported",
                     to_string(constant.shape()), channels);
  }
  return Tensor<float>({channels}, {constant.values().begin(), constant.values().end()});
}

}  // namespace neurocuda::onnx
