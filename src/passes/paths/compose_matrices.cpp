#include "neurocuda/base/overloaded.hpp"
#include "passes/paths/linear_map.hpp"

namespace neurocuda::passes::paths {
namespace {

Matrix product(const Tensor<double>& outer, const Tensor<double>& inner) {
  const std::int64_t outputs = outer.extent(0), middle = outer.extent(1), inputs = inner.extent(1);
  check_work({outputs, middle, inputs});
  Matrix result{new_weights({outputs, inputs})};
  for (std::int64_t o = 0; o < outputs; ++o) {
    double* row = result.weight.data() + o * inputs;
    for (std::int64_t m = 0; m < middle; ++m) {
      const double factor = outer[o * middle + m];
      if (factor == 0) continue;
      for (std::int64_t i = 0; i < inputs; ++i) row[i] += factor * inner[m * inputs + i];
    }
  }
  return result;
}

/// Spreads one weight of one position of a convolution's output over what that position reads.
void spread(double factor, const ConvMap& conv, std::int64_t o, std::int64_t y, std::int64_t x, const Shape& input,
            double* row) {
  const Window& w = conv.window;
  const std::int64_t per_group = conv.weight.extent(1), first = o / (conv.outputs() / conv.groups) * per_group;
  for (std::int64_t i = 0; i < per_group; ++i) {
    const double* kernel = conv.weight.data() + (o * per_group + i) * w.kernel.height * w.kernel.width;
    double* plane = row + (first + i) * input[1] * input[2];
    for (std::int64_t ky = 0; ky < w.kernel.height; ++ky) {
      const std::int64_t in_y = y * w.stride.height - w.padding.height + ky * w.dilation.height;
      if (in_y < 0 || in_y >= input[1]) continue;
      for (std::int64_t kx = 0; kx < w.kernel.width; ++kx) {
        const std::int64_t in_x = x * w.stride.width - w.padding.width + kx * w.dilation.width;
        if (in_x >= 0 && in_x < input[2]) plane[in_y * input[2] + in_x] += factor * kernel[ky * w.kernel.width + kx];
      }
    }
  }
}

Matrix product(const Tensor<double>& outer, const ConvMap& conv, const Shape& input) {
  const Size2 made = output_size(conv.window, {input[1], input[2]});
  const std::int64_t inputs = element_count(input), middle = outer.extent(1), area = made.height * made.width;
  check_work({outer.size(), conv.weight.size() / conv.outputs()});
  Matrix result{new_weights({outer.extent(0), inputs})};
  for (std::int64_t row = 0; row < outer.extent(0); ++row) {
    for (std::int64_t m = 0; m < middle; ++m) {
      const double factor = outer[row * middle + m];
      if (factor == 0) continue;
      spread(factor, conv, m / area, m % area / made.width, m % made.width, input, result.weight.data() + row * inputs);
    }
  }
  return result;
}

}  // namespace

Matrix behind(const Tensor<double>& outer, const Map& inner, const Shape& input) {
  return std::visit(Overloaded{[&](const Unchanged&) { return Matrix{outer}; },
                               [&](const ConvMap& conv) { return product(outer, conv, input); },
                               [&](const Matrix& matrix) { return product(outer, matrix.weight); }},
                    inner);
}

}  // namespace neurocuda::passes::paths
