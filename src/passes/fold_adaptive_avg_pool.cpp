#include <algorithm>
#include <vector>

#include "neurocuda/base/error.hpp"
#include "neurocuda/passes/passes.hpp"

namespace neurocuda::passes {
namespace {

/// Positions [begin, end) of one axis.
struct Range {
  std::int64_t begin = 0, end = 0;
};

/// PyTorch's window of output position `i`: from floor(i in / out) to ceil((i + 1) in / out).
Range window(std::int64_t i, std::int64_t input, std::int64_t output) {
  return {i * input / output, ((i + 1) * input + output - 1) / output};
}

/// Adds the weights of one output map to those of the input positions that its windows average.
void spread(const float* pooled, Size2 output, double* direct, Size2 input) {
  for (std::int64_t y = 0; y < output.height; ++y) {
    const Range rows = window(y, input.height, output.height);
    for (std::int64_t x = 0; x < output.width; ++x) {
      const Range columns = window(x, input.width, output.width);
      const auto area = static_cast<double>((rows.end - rows.begin) * (columns.end - columns.begin));
      const double share = pooled[y * output.width + x] / area;
      for (std::int64_t i = rows.begin; i < rows.end; ++i) {
        for (std::int64_t j = columns.begin; j < columns.end; ++j) direct[i * input.width + j] += share;
      }
    }
  }
}

}  // namespace

Tensor<float> fold_adaptive_avg_pool(const Tensor<float>& weight, std::int64_t channels, Size2 input, Size2 output) {
  const std::int64_t pooled = output.height * output.width, direct = input.height * input.width;
  if (weight.shape().size() != 2 || weight.extent(1) != channels * pooled) {
    fail("a weight of shape {} does not read {} channels of {}x{}; flatten the pooled map before the linear layer",
         to_string(weight.shape()), channels, output.height, output.width);
  }
  Tensor<float> folded({weight.extent(0), channels * direct});
  std::vector<double> map(static_cast<std::size_t>(direct));
  for (std::int64_t row = 0; row < weight.extent(0) * channels; ++row) {
    std::fill(map.begin(), map.end(), 0.0);
    spread(weight.data() + row * pooled, output, map.data(), input);
    std::copy(map.begin(), map.end(), folded.data() + row * direct);
  }
  return folded;
}

}  // namespace neurocuda::passes
