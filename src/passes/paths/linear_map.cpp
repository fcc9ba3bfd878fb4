#include "passes/paths/linear_map.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "neurocuda/base/overloaded.hpp"

namespace neurocuda::passes::paths {
namespace {

std::int64_t taps(const ConvMap& map) { return map.weight.extent(2) * map.weight.extent(3); }

/// Channel c of what is read as row r, for each pair (r, c); zeros elsewhere.
using Place = std::pair<std::int64_t, std::int64_t>;
Map one_hot(const Shape& from, std::int64_t outputs, const std::vector<Place>& places) {
  Tensor<double> weight = new_weights(from.size() == 3 ? Shape{outputs, from[0], 1, 1} : Shape{outputs, from[0]});
  for (const auto& [row, column] : places) weight[row * from[0] + column] = 1;
  if (from.size() == 3) return ConvMap{std::move(weight), Window{}, 1};
  return Matrix{std::move(weight)};
}

/// The same convolution in one group: zeros between channels of different ones.
ConvMap ungrouped(const ConvMap& map) {
  if (map.groups == 1) return map;
  const std::int64_t inputs = map.inputs(), per_group = map.weight.extent(1), area = taps(map);
  const std::int64_t outputs_per_group = map.outputs() / map.groups;
  ConvMap dense{new_weights({map.outputs(), inputs, map.weight.extent(2), map.weight.extent(3)}), map.window, 1};
  for (std::int64_t o = 0; o < map.outputs(); ++o) {
    const std::int64_t first = o / outputs_per_group * per_group;
    std::copy_n(map.weight.data() + o * per_group * area, per_group * area,
                dense.weight.data() + (o * inputs + first) * area);
  }
  return dense;
}

/// Rows [begin, begin + count) of `from` as rows [at, ...) of a tensor with `total` rows.
Tensor<double> moved_rows(const Tensor<double>& from, std::int64_t begin, std::int64_t count, std::int64_t at,
                          std::int64_t total) {
  Shape shape = from.shape();
  const std::int64_t row = from.size() / shape[0];
  shape[0] = total;
  Tensor<double> to = new_weights(shape);
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
  return std::visit(Overloaded{[&](const Unchanged&) {
                                 std::vector<Place> places;
                                 for (std::int64_t i = 0; i < count; ++i) places.emplace_back(at + i, begin + i);
                                 return one_hot(from, total, places);
                               },
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

Tensor<double> new_weights(Shape shape) {
  constexpr std::int64_t kMost = std::int64_t{1} << 26;
  std::int64_t left = kMost;
  for (const std::int64_t extent : shape) left /= std::max<std::int64_t>(extent, 1);
  if (left == 0)
    throw TooLarge(fmt::format("would have a weight of {} values together with what is before it", to_string(shape)));
  return Tensor<double>(std::move(shape));
}

void check_work(std::initializer_list<std::int64_t> factors) {
  std::int64_t left = std::int64_t{1} << 36;
  for (const std::int64_t factor : factors) left /= std::max<std::int64_t>(factor, 1);
  if (left == 0) throw TooLarge("would take more than 2^36 multiplications to compose with what is before it");
}

std::int64_t weight_count(const Map& map) {
  return std::visit(Overloaded{[](const Unchanged&) { return std::int64_t{0}; },
                               [](const auto& weighted) { return weighted.weight.size(); }},
                    map);
}

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
  Matrix diagonal{new_weights({channels, channels})};
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
    Tensor<double> taken = new_weights(shape);
    for (std::int64_t i = 0; i < count; ++i)
      std::copy_n(weight.data() + chosen[static_cast<std::size_t>(i)] * row, row, taken.data() + i * row);
    return taken;
  };
  return std::visit(Overloaded{[&](const Unchanged&) {
                                 std::vector<Place> places;
                                 for (std::int64_t i = 0; i < count; ++i)
                                   places.emplace_back(i, chosen[static_cast<std::size_t>(i)]);
                                 return one_hot(from, count, places);
                               },
                               [&](const ConvMap& conv) -> Map {
                                 const ConvMap dense = ungrouped(conv);
                                 return ConvMap{choose(dense.weight), dense.window, 1};
                               },
                               [&](const Matrix& matrix) -> Map { return Matrix{choose(matrix.weight)}; }},
                    map);
}

Map spread(const Shape& from, const std::vector<std::int64_t>& channels, std::int64_t total) {
  std::vector<Place> places;
  for (std::size_t i = 0; i < channels.size(); ++i) places.emplace_back(channels[i], static_cast<std::int64_t>(i));
  return one_hot(from, total, places);
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
