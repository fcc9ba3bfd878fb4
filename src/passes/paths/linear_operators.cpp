#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "neurocuda/base/error.hpp"
#include "passes/paths/padded_pool.hpp"
#include "passes/paths/path_walk.hpp"

/// How a PathWalk composes convolutions, linear layers and pools with the paths before them.
namespace neurocuda::passes::paths {
namespace {

Size2 map_size(const Shape& shape) { return {shape[1], shape[2]}; }

bool is_pointwise(const ConvMap& conv) {
  return conv.window.kernel == Size2{1, 1} && conv.window.stride == Size2{1, 1} && conv.window.padding == Size2{0, 0};
}

/// Whether pooling by averages may be done on what the path reads: it mixes channels at one position only.
bool commutes_with_averages(const Map& map) {
  const auto* conv = std::get_if<ConvMap>(&map);
  return std::holds_alternative<Unchanged>(map) || (conv != nullptr && is_pointwise(*conv));
}

/// Pooling by maxima may be done on what the path reads where each of its channels is at most one channel times a
/// factor: of that the maximum, or the minimum where the factor is negative. Which, by channel of what is read; empty
/// where all take the maximum. Nothing where it may not, or where a channel would have to take both.
std::optional<std::vector<std::uint8_t>> minima_before(const Map& map) {
  if (std::holds_alternative<Unchanged>(map)) return std::vector<std::uint8_t>();
  const auto* conv = std::get_if<ConvMap>(&map);
  if (conv == nullptr || !is_pointwise(*conv)) return std::nullopt;
  const std::int64_t row = conv->weight.extent(1), rows_of_group = conv->outputs() / conv->groups;
  std::vector<int> signs(static_cast<std::size_t>(conv->inputs()), 0);
  for (std::int64_t o = 0; o < conv->outputs(); ++o) {
    bool found = false;
    for (std::int64_t i = 0; i < row; ++i) {
      const double factor = conv->weight[o * row + i];
      if (factor == 0) continue;
      int& sign = signs[static_cast<std::size_t>(o / rows_of_group * row + i)];
      const int own = factor < 0 ? -1 : 1;
      if (found || sign == -own) return std::nullopt;
      found = true;
      sign = own;
    }
  }
  std::vector<std::uint8_t> minima;
  for (const int sign : signs) minima.push_back(sign < 0);
  if (std::count(minima.begin(), minima.end(), 1) == 0) minima.clear();
  return minima;
}

}  // namespace

void PathWalk::refuse_border(const Part& part) const {
  const auto named =
      std::find_if(part.paths.begin(), part.paths.end(), [](const Path& path) { return !path.name.empty(); });
  refuse(fmt::format("its zero padding meets {} without an activation behind it{}, whose value is not zero there",
                     part.has_bias() ? "a bias or batch norm" : "a convolution",
                     named == part.paths.end() ? "" : fmt::format(" ('{}')", named->name)),
         "put a ReLU before it, or use no padding here");
}

Part PathWalk::convolved(const Part& part, const ConvMap& conv) const {
  const Size2 made = output_size(conv.window, map_size(part.shape));
  Part result;
  result.shape = {conv.outputs(), made.height, made.width};
  result.bias.resize(static_cast<std::size_t>(conv.outputs()));
  if (part.has_bias()) {
    if (conv.window.padding != Size2{0, 0}) refuse_border(part);
    const std::int64_t area = conv.window.kernel.height * conv.window.kernel.width, row = conv.weight.extent(1);
    for (std::int64_t i = 0; i < conv.weight.size(); ++i) {
      const std::int64_t o = i / (row * area), channel = o / (conv.outputs() / conv.groups) * row + i / area % row;
      result.bias[static_cast<std::size_t>(o)] += conv.weight[i] * part.bias[static_cast<std::size_t>(channel)];
    }
  }
  for (const Path& path : part.paths) {
    Path longer{path.base, path.from, conv, node().name};
    if (const auto* inner = std::get_if<ConvMap>(&path.map)) {
      auto composed = behind(conv, *inner, map_size(path.from));
      if (!composed) refuse_border(part);
      longer.map = std::move(*composed);
    }
    result.paths.push_back(std::move(longer));
    check_held(result);
  }
  return result;
}

Current PathWalk::operator()(const ir::Conv2d& op) {
  Current current = settled();
  const ConvMap conv = conv_map(op);
  const std::vector<double> bias = bias_of(op.bias, conv.outputs());
  if (op.groups > 1 && current.parts.size() > 1) current.parts = {merged(current)};
  Part sum;
  std::int64_t first = 0;
  bool complete = true;
  for (const Part& part : current.parts) {
    complete = complete && !part.paths.empty();
    Part more = convolved(part, op.groups > 1 ? conv : columns(conv, first, part.channels()));
    first += part.channels();
    if (sum.shape.empty()) {
      sum = std::move(more);
      continue;
    }
    sum.paths.insert(sum.paths.end(), std::make_move_iterator(more.paths.begin()),
                     std::make_move_iterator(more.paths.end()));
    for (std::size_t c = 0; c < sum.bias.size(); ++c) sum.bias[c] += more.bias[c];
  }
  for (std::size_t c = 0; c < sum.bias.size(); ++c) sum.bias[c] += bias[c];
  if (!complete) sum.paths.clear();
  return {{std::move(sum)}};
}

Part PathWalk::multiplied(const Part& part, const Tensor<double>& weight) const {
  const std::int64_t outputs = weight.extent(0), features = weight.extent(1), span = features / part.channels();
  Part result;
  result.shape = {outputs};
  result.bias.resize(static_cast<std::size_t>(outputs));
  for (std::int64_t i = 0; i < weight.size(); ++i)
    result.bias[static_cast<std::size_t>(i / features)] +=
        weight[i] * part.bias[static_cast<std::size_t>(i % features / span)];
  for (const Path& path : part.paths) {
    result.paths.push_back({path.base, path.from, behind(weight, path.map, path.from), node().name});
    check_held(result);
  }
  return result;
}

Part PathWalk::as_features(const Part& part) const {
  const std::int64_t features = element_count(part.shape);
  const bool ready = part.shape.size() == 1 && std::all_of(part.paths.begin(), part.paths.end(), [](const Path& path) {
                       return std::holds_alternative<Matrix>(path.map);
                     });
  if (ready) return part;
  Tensor<double> identity = new_weights({features, features});
  for (std::int64_t i = 0; i < features; ++i) identity[i * features + i] = 1;
  return multiplied(part, identity);
}

Current PathWalk::operator()(const ir::Linear& op) {
  const Current& current = settled();
  const std::int64_t outputs = op.weight.extent(0), features = op.weight.extent(1);
  Part sum;
  sum.shape = {outputs};
  sum.bias = bias_of(op.bias, outputs);
  std::int64_t first = 0;
  bool complete = true;
  for (const Part& part : current.parts) {
    const std::int64_t count = element_count(part.shape);
    Tensor<double> columns({outputs, count});
    for (std::int64_t i = 0; i < columns.size(); ++i) columns[i] = op.weight[i / count * features + first + i % count];
    first += count;
    Part more = multiplied(part, columns);
    complete = complete && !more.paths.empty();
    sum.paths.insert(sum.paths.end(), std::make_move_iterator(more.paths.begin()),
                     std::make_move_iterator(more.paths.end()));
    for (std::size_t c = 0; c < sum.bias.size(); ++c) sum.bias[c] += more.bias[c];
  }
  if (!complete) sum.paths.clear();
  return {{std::move(sum)}};
}

Part PathWalk::averaged(const Part& part, const Window& window, const ir::Operator& pool) {
  Part result = part;
  result.shape = shape(id_);
  result.shape[0] = part.channels();
  if (part.has_bias() && window.padding != Size2{0, 0}) refuse_border(part);
  for (Path& path : result.paths) {
    if (commutes_with_averages(path.map)) {
      path.base = writer_.pooled(path.base, pool, node().name);
      path.from = writer_.shape(path.base);
      continue;
    }
    const auto& inner = std::get<ConvMap>(path.map);
    auto composed = behind(averaging(part.channels(), window), inner, map_size(path.from));
    if (!composed) refuse_border(part);
    path.map = std::move(*composed);
  }
  return result;
}

Current PathWalk::operator()(const ir::AvgPool2d& op) {
  Current current = settled();
  for (Part& part : current.parts) part = averaged(part, op.window, op);
  return current;
}

Current PathWalk::operator()(const ir::GlobalAvgPool& op) {
  Current current = settled();
  const Shape& whole = shape(node().inputs[0]);
  for (Part& part : current.parts) part = averaged(part, Window{.kernel = map_size(whole)}, op);
  return current;
}

Part PathWalk::max_pooled(const Part& part, const ir::MaxPool2d& op) {
  const Window& window = op.window;
  Part result = part;
  if (part.paths.empty()) {  // behind a refusal
    const Size2 made = output_size(window, map_size(part.shape));
    result.shape = {part.channels(), made.height, made.width};
    return result;
  }
  const bool of_spikes = part.pools.empty() && part.paths.size() == 1 && writer_.spikes(part.paths[0].base);
  Path& path = result.paths[0];
  Window own = window;
  if (const auto* padding = std::get_if<ConvMap>(&path.map); of_spikes && padding != nullptr && !part.has_bias()) {
    if (const auto whole = pool_of_padded(window, *padding, map_size(path.from))) {
      own = *whole;
      path.map = Unchanged{};
    }
  }
  const auto minima = of_spikes ? minima_before(path.map) : std::nullopt;
  if (!minima) {
    result.pools.push_back({op, node().name});
    return result;
  }
  path.base = writer_.pooled(path.base, ir::MaxPool2d{own, *minima}, node().name);
  path.from = writer_.shape(path.base);
  result.shape = {part.channels(), path.from[1], path.from[2]};
  return result;
}

Current PathWalk::operator()(const ir::MaxPool2d& op) {
  Current current = read();
  for (Part& part : current.parts) part = max_pooled(part, op);
  return current;
}

}  // namespace neurocuda::passes::paths
