#include "passes/paths/linear_map.hpp"

#include <algorithm>

#include "neurocuda/base/overloaded.hpp"

namespace neurocuda::passes::paths {
namespace {

std::int64_t taps(const ConvMap& map) { return map.weight.extent(2) * map.weight.extent(3); }

/// The same convolution in one group: zeros between channels of different ones.
ConvMap ungrouped(const ConvMap& map) {
  if (map.groups == 1) return map;
  const std::int64_t inputs = map.inputs(), per_group = map.weight.extent(1), area = taps(map);
  const std::int64_t outputs_per_group = map.outputs() / map.groups;
  ConvMap dense{Tensor<double>({map.outputs(), inputs, map.weight.extent(2), map.weight.extent(3)}), map.window, 1};
  for (std::int64_t o = 0; o < map.outputs(); ++o) {
    const std::int64_t first = o / outputs_per_group * per_group;
    std::copy_n(map.weight.data() + o * per_group * area, per_group * area,
                dense.weight.data() + (o * inputs + first) * area);
  }
  return dense;
}

Map ones(const Shape& from) { return scaling(from, std::vector<double>(static_cast<std::size_t>(from[0]), 1.0)); }

/// Rows [begin, begin + count) of `from` as rows [at, ...) of a tensor with `total` rows.
Tensor<double> moved_rows(const Tensor<double>& from, std::int64_t begin, std::int64_t count, std::int64_t at,
                          std::int64_t total) {
  Shape shape = from.shape();
  const std::int64_t row = from.size() / shape[0];
  shape[0] = total;
  Tensor<double> to(shape);
  std::copy_n(from.data() + begin * row, count * row, to.data() + at * row);
  return to;
}

/// Rows that are taken whole by groups keep them.
bool keeps_groups(const ConvMap& map, std::int64_t begin, std::int64_t count) {
  return map.groups == 1 || (begin == 0 && count == map.outputs());
}

Map moved(const Map& map, const Shape& from, std::int64_t begin, std::int64_t count, std::int64_t at,
          std::int64_t total) {
  const auto move_conv = [&](const ConvMap& conv) -> Map {
    const ConvMap plain = keeps_groups(conv, begin, count) && at == 0 && total == count ? conv : ungrouped(conv);
    return ConvMap{moved_rows(plain.weight, begin, count, at, total), plain.window, plain.groups};
  };
  return std::visit(Overloaded{[&](const Unchanged&) { return moved(ones(from), from, begin, count, at, total); },
                               [&](const ConvMap& conv) { return move_conv(conv); },
                               [&](const Matrix& matrix) -> Map {
                                 return Matrix{moved_rows(matrix.weight, begin, count, at, total)};
                               }},
                    map);
}

Tensor<double> scaled_rows(Tensor<double> weight, std::span<const double> factors) {
  const std::int64_t row = weight.size() / weight.extent(0);
  for (std::int64_t i = 0; i < weight.size(); ++i) weight[i] *= factors[static_cast<std::size_t>(i / row)];
  return weight;
}

}  // namespace

ConvMap conv_map(const ir::Conv2d& conv) {
  const auto values = conv.weight.values();
  return {Tensor<double>(conv.weight.shape(), std::vector<double>(values.begin(), values.end())), conv.window,
          conv.groups};
}

Map scaling(const Shape& from, std::span<const double> factors) {
  const auto channels = static_cast<std::int64_t>(factors.size());
  if (from.size() == 3) {
    return ConvMap{Tensor<double>({channels, 1, 1, 1}, std::vector<double>(factors.begin(), factors.end())), Window{},
                   channels};
  }
  Matrix diagonal{Tensor<double>({channels, channels})};
  for (std::int64_t i = 0; i < channels; ++i) diagonal.weight[i * channels + i] = factors[static_cast<std::size_t>(i)];
  return diagonal;
}

ConvMap averaging(std::int64_t channels, const Window& window) {
  const Size2 kernel = window.kernel;
  const double share = 1.0 / static_cast<double>(kernel.height * kernel.width);
  return {Tensor<double>({channels, 1, kernel.height, kernel.width}, share), window, channels};
}

Map with_scaled_rows(const Map& map, const Shape& from, std::span<const double> factors) {
  const bool nothing = std::all_of(factors.begin(), factors.end(), [](double factor) { return factor == 1.0; });
  if (nothing) return map;
  return std::visit(
      Overloaded{[&](const Unchanged&) -> Map { return scaling(from, factors); },
                 [&](const ConvMap& conv) -> Map {
                   return ConvMap{scaled_rows(conv.weight, factors), conv.window, conv.groups};
                 },
                 [&](const Matrix& matrix) -> Map { return Matrix{scaled_rows(matrix.weight, factors)}; }},
      map);
}

Map rows(const Map& map, const Shape& from, std::int64_t begin, std::int64_t count) {
  return moved(map, from, begin, count, 0, count);
}

Map rows(const Map& map, const Shape& from, const std::vector<std::int64_t>& chosen) {
  const auto count = static_cast<std::int64_t>(chosen.size());
  const auto choose = [&](const Tensor<double>& weight) {
    Shape shape = weight.shape();
    const std::int64_t row = weight.size() / shape[0];
    shape[0] = count;
    Tensor<double> taken(shape);
    for (std::int64_t i = 0; i < count; ++i)
      std::copy_n(weight.data() + chosen[static_cast<std::size_t>(i)] * row, row, taken.data() + i * row);
    return taken;
  };
  return std::visit(Overloaded{[&](const Unchanged&) { return rows(ones(from), from, chosen); },
                               [&](const ConvMap& conv) -> Map {
                                 const ConvMap dense = ungrouped(conv);
                                 return ConvMap{choose(dense.weight), dense.window, 1};
                               },
                               [&](const Matrix& matrix) -> Map { return Matrix{choose(matrix.weight)}; }},
                    map);
}

Map spread(const Shape& from, const std::vector<std::int64_t>& channels, std::int64_t total) {
  const std::int64_t inputs = from[0];
  Tensor<double> weight(from.size() == 3 ? Shape{total, inputs, 1, 1} : Shape{total, inputs});
  for (std::int64_t i = 0; i < inputs; ++i) weight[channels[static_cast<std::size_t>(i)] * inputs + i] = 1;
  if (from.size() == 3) return ConvMap{std::move(weight), Window{}, 1};
  return Matrix{std::move(weight)};
}

bool has_weights(const Map& map, std::int64_t o) {
  const auto any = [&](const Tensor<double>& weight) {
    const std::int64_t row = weight.size() / weight.extent(0);
    const double* first = weight.data() + o * row;
    return std::any_of(first, first + row, [](double value) { return value != 0; });
  };
  return std::visit(
      Overloaded{[](const Unchanged&) { return true; }, [&](const ConvMap& conv) { return any(conv.weight); },
                 [&](const Matrix& matrix) { return any(matrix.weight); }},
      map);
}

Map embedded(const Map& map, const Shape& from, std::int64_t begin, std::int64_t total) {
  const std::int64_t count = std::visit(
      Overloaded{[&](const Unchanged&) { return from[0]; }, [](const ConvMap& conv) { return conv.outputs(); },
                 [](const Matrix& matrix) { return matrix.weight.extent(0); }},
      map);
  return moved(map, from, 0, count, begin, total);
}

ConvMap columns(const ConvMap& map, std::int64_t begin, std::int64_t count) {
  const std::int64_t inputs = map.inputs(), area = taps(map);
  if (begin == 0 && count == inputs) return map;
  ConvMap part{Tensor<double>({map.outputs(), count, map.weight.extent(2), map.weight.extent(3)}), map.window, 1};
  for (std::int64_t o = 0; o < map.outputs(); ++o) {
    std::copy_n(map.weight.data() + (o * inputs + begin) * area, count * area, part.weight.data() + o * count * area);
  }
  return part;
}

}  // namespace neurocuda::passes::paths
