#include <numeric>

#include "passes/paths/linear_map.hpp"

namespace neurocuda::passes::paths {
namespace {

/// One axis of a convolution: which input row output row y reads by tap k is y stride - padding + k dilation.
struct Axis {
  std::int64_t kernel, stride, padding, dilation;
};
Axis rows_of(const Window& w) { return {w.kernel.height, w.stride.height, w.padding.height, w.dilation.height}; }
Axis columns_of(const Window& w) { return {w.kernel.width, w.stride.width, w.padding.width, w.dilation.width}; }

struct Composed {
  Axis axis;
  std::int64_t inner_step;  ///< by how many taps of the composed kernel one tap of the inner one moves
  std::int64_t outer_step;
};

/// The outer tap k at output y reads inner row y s_o - p_o + k d_o, whose tap j reads input row
/// (...) s_i - p_i + j d_i = y s_o s_i - (p_o s_i + p_i) + k d_o s_i + j d_i.
Composed compose(const Axis& outer, const Axis& inner) {
  const std::int64_t outer_step = outer.dilation * inner.stride, inner_step = inner.dilation;
  // The largest dilation that both kinds of steps are multiples of; a kernel of one tap takes no step.
  const std::int64_t a = outer.kernel > 1 ? outer_step : 0, b = inner.kernel > 1 ? inner_step : 0;
  const std::int64_t dilation = std::max<std::int64_t>(1, std::gcd(a, b));
  const std::int64_t reach = (outer.kernel - 1) * outer_step + (inner.kernel - 1) * inner_step;
  return {{reach / dilation + 1, outer.stride * inner.stride, outer.padding * inner.stride + inner.padding, dilation},
          b / dilation,
          a / dilation};
}

/// Whether the rows before the first and behind the last that the inner convolution makes would be zero if it made
/// them, so that the outer one's padding stands for them. `used`: the inner taps that have weights.
bool zero_beyond(const Axis& outer, const Axis& inner, std::int64_t input, const std::vector<bool>& used) {
  if (outer.padding == 0) return true;
  const std::int64_t made = (input + 2 * inner.padding - inner.dilation * (inner.kernel - 1) - 1) / inner.stride + 1;
  for (std::int64_t k = 0; k < inner.kernel; ++k) {
    if (!used[static_cast<std::size_t>(k)]) continue;
    const std::int64_t before = -inner.stride - inner.padding + k * inner.dilation;
    const std::int64_t behind = made * inner.stride - inner.padding + k * inner.dilation;
    if (before >= 0 || behind < input) return false;
  }
  return true;
}

struct UsedTaps {
  std::vector<bool> rows, columns;
};

UsedTaps used_taps(const ConvMap& map) {
  const std::int64_t height = map.weight.extent(2), width = map.weight.extent(3);
  UsedTaps used{std::vector<bool>(static_cast<std::size_t>(height)),
                std::vector<bool>(static_cast<std::size_t>(width))};
  for (std::int64_t i = 0; i < map.weight.size(); ++i) {
    if (map.weight[i] == 0) continue;
    used.rows[static_cast<std::size_t>(i / width % height)] = true;
    used.columns[static_cast<std::size_t>(i % width)] = true;
  }
  return used;
}

/// Adds one pair of kernels, outer (o, m) and inner (m, i), to the composed one.
void add_kernels(const double* outer, Size2 outer_kernel, const double* inner, Size2 inner_kernel, const Composed& y,
                 const Composed& x, double* sum) {
  for (std::int64_t ky = 0; ky < outer_kernel.height; ++ky) {
    for (std::int64_t kx = 0; kx < outer_kernel.width; ++kx) {
      const double factor = outer[ky * outer_kernel.width + kx];
      if (factor == 0) continue;
      for (std::int64_t jy = 0; jy < inner_kernel.height; ++jy) {
        double* row = sum + (ky * y.outer_step + jy * y.inner_step) * x.axis.kernel + kx * x.outer_step;
        for (std::int64_t jx = 0; jx < inner_kernel.width; ++jx)
          row[jx * x.inner_step] += factor * inner[jy * inner_kernel.width + jx];
      }
    }
  }
}

}  // namespace

std::optional<ConvMap> behind(const ConvMap& outer, const ConvMap& inner, Size2 input) {
  const UsedTaps used = used_taps(inner);
  if (!zero_beyond(rows_of(outer.window), rows_of(inner.window), input.height, used.rows) ||
      !zero_beyond(columns_of(outer.window), columns_of(inner.window), input.width, used.columns)) {
    return std::nullopt;
  }
  const Composed y = compose(rows_of(outer.window), rows_of(inner.window));
  const Composed x = compose(columns_of(outer.window), columns_of(inner.window));
  const std::int64_t groups = std::gcd(outer.groups, inner.groups), area = y.axis.kernel * x.axis.kernel;
  const std::int64_t inputs = inner.inputs() / groups;
  check_work({outer.weight.size(), inner.weight.extent(1), inner.weight.extent(2), inner.weight.extent(3)});
  ConvMap result{new_weights({outer.outputs(), inputs, y.axis.kernel, x.axis.kernel}),
                 Window{{y.axis.kernel, x.axis.kernel},
                        {y.axis.stride, x.axis.stride},
                        {y.axis.padding, x.axis.padding},
                        {y.axis.dilation, x.axis.dilation}},
                 groups};
  const std::int64_t outer_area = outer.weight.extent(2) * outer.weight.extent(3);
  const std::int64_t inner_area = inner.weight.extent(2) * inner.weight.extent(3);
  const std::int64_t middle = outer.weight.extent(1), inner_row = inner.weight.extent(1);
  const std::int64_t outputs_per_group = outer.outputs() / outer.groups,
                     middle_per_group = inner.outputs() / inner.groups;
  const bool pointwise = outer_area == 1 && inner_area == 1;
  for (std::int64_t o = 0; o < outer.outputs(); ++o) {
    const std::int64_t first_input = o / (outer.outputs() / groups) * inputs;
    for (std::int64_t j = 0; j < middle; ++j) {
      const std::int64_t m = o / outputs_per_group * middle + j;
      if (pointwise) {  // a product of matrices
        const double factor = outer.weight[o * middle + j];
        const double* from = inner.weight.data() + m * inner_row;
        double* to = result.weight.data() + o * inputs + m / middle_per_group * inner_row - first_input;
        for (std::int64_t i = 0; factor != 0 && i < inner_row; ++i) to[i] += factor * from[i];
        continue;
      }
      for (std::int64_t i = 0; i < inner_row; ++i) {
        const std::int64_t channel = m / middle_per_group * inner_row + i - first_input;
        add_kernels(outer.weight.data() + (o * middle + j) * outer_area, outer.window.kernel,
                    inner.weight.data() + (m * inner_row + i) * inner_area, inner.window.kernel, y, x,
                    result.weight.data() + (o * inputs + channel) * area);
      }
    }
  }
  return result;
}

}  // namespace neurocuda::passes::paths
