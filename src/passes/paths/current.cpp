#include "passes/paths/current.hpp"

#include <algorithm>
#include <numeric>

namespace neurocuda::passes::paths {
namespace {

/// These channels of the pools that wait.
void select(std::vector<WaitingPool>& pools, const std::vector<std::int64_t>& channels) {
  for (WaitingPool& waiting : pools) {
    if (waiting.pool.takes_minimum.empty()) continue;
    std::vector<std::uint8_t> chosen;
    for (const std::int64_t c : channels) chosen.push_back(waiting.pool.takes_minimum[static_cast<std::size_t>(c)]);
    waiting.pool.takes_minimum = std::move(chosen);
  }
}

void cut_at(Current& current, std::int64_t channel) {
  std::int64_t first = 0;
  for (std::size_t i = 0; i < current.parts.size(); ++i) {
    const std::int64_t channels = current.parts[i].channels();
    if (channel > first && channel < first + channels) {
      Part rest = slice(current.parts[i], channel - first, first + channels - channel);
      current.parts[i] = slice(current.parts[i], 0, channel - first);
      current.parts.insert(current.parts.begin() + static_cast<std::ptrdiff_t>(i) + 1, std::move(rest));
      return;
    }
    first += channels;
  }
}

std::vector<std::int64_t> cuts(const Current& current) {
  std::vector<std::int64_t> channels{0};
  for (const Part& part : current.parts) channels.push_back(channels.back() + part.channels());
  return channels;
}

}  // namespace

bool Part::has_bias() const {
  return std::any_of(bias.begin(), bias.end(), [](double value) { return value != 0; });
}

Shape Part::shown() const {
  Shape result = shape;
  for (const WaitingPool& pool : pools) {
    const Size2 size = output_size(pool.pool.window, {result[1], result[2]});
    result = {result[0], size.height, size.width};
  }
  return result;
}

std::int64_t Current::channels() const {
  std::int64_t sum = 0;
  for (const Part& part : parts) sum += part.channels();
  return sum;
}

std::int64_t weight_count(const Part& part) {
  std::int64_t sum = 0;
  for (const Path& path : part.paths) sum += weight_count(path.map);
  return sum;
}

std::int64_t weight_count(const Current& current) {
  std::int64_t sum = 0;
  for (const Part& part : current.parts) sum += weight_count(part);
  return sum;
}

Current unchanged(ir::NodeId base, const Shape& shape) {
  Part part{{{base, shape, Unchanged{}, {}}}, std::vector<double>(static_cast<std::size_t>(shape[0])), shape};
  return {{std::move(part)}};
}

Part slice(const Part& part, std::int64_t begin, std::int64_t count) {
  if (begin == 0 && count == part.channels()) return part;
  Part result = part;
  for (Path& path : result.paths) path.map = rows(path.map, path.from, begin, count);
  result.bias = {part.bias.begin() + begin, part.bias.begin() + begin + count};
  result.shape[0] = count;
  std::vector<std::int64_t> channels(static_cast<std::size_t>(count));
  std::iota(channels.begin(), channels.end(), begin);
  select(result.pools, channels);
  return result;
}

std::vector<Part> slice(const Current& current, std::int64_t begin, std::int64_t count) {
  std::vector<Part> parts;
  std::int64_t first = 0;
  for (const Part& part : current.parts) {
    const std::int64_t from = std::max(begin, first), to = std::min(begin + count, first + part.channels());
    if (from < to) parts.push_back(slice(part, from - first, to - from));
    first += part.channels();
  }
  return parts;
}

void cut_alike(Current& a, Current& b) {
  for (const std::int64_t channel : cuts(a)) cut_at(b, channel);
  for (const std::int64_t channel : cuts(b)) cut_at(a, channel);
}

Part merged(const Current& current) {
  if (current.parts.size() == 1) return current.parts[0];
  Part whole;
  whole.shape = current.parts[0].shape;
  whole.shape[0] = current.channels();
  std::int64_t first = 0;
  for (const Part& part : current.parts) {
    for (Path path : part.paths) {
      path.map = embedded(path.map, path.from, first, whole.channels());
      whole.paths.push_back(std::move(path));
    }
    whole.bias.insert(whole.bias.end(), part.bias.begin(), part.bias.end());
    first += part.channels();
  }
  return whole;
}

std::vector<std::int64_t> driven_channels(const Part& part) {
  std::vector<std::int64_t> channels;
  for (std::int64_t c = 0; c < part.channels(); ++c) {
    const bool weighted =
        std::any_of(part.paths.begin(), part.paths.end(), [&](const Path& path) { return has_weights(path.map, c); });
    if (weighted || part.bias[static_cast<std::size_t>(c)] > 0) channels.push_back(c);
  }
  return channels;
}

Part selected(const Part& part, const std::vector<std::int64_t>& channels) {
  Part result = part;
  for (Path& path : result.paths) path.map = rows(path.map, path.from, channels);
  result.bias.clear();
  for (const std::int64_t c : channels) result.bias.push_back(part.bias[static_cast<std::size_t>(c)]);
  result.shape[0] = static_cast<std::int64_t>(channels.size());
  select(result.pools, channels);
  return result;
}

Part scaled(const Part& part, std::span<const double> factors, std::span<const double> shifts) {
  Part result = part;
  for (Path& path : result.paths) path.map = with_scaled_rows(path.map, path.from, factors);
  for (std::size_t c = 0; c < result.bias.size(); ++c) result.bias[c] = result.bias[c] * factors[c] + shifts[c];
  if (std::none_of(factors.begin(), factors.end(), [](double factor) { return factor < 0; })) return result;
  for (WaitingPool& waiting : result.pools) {
    waiting.pool.takes_minimum.resize(factors.size());
    for (std::size_t c = 0; c < factors.size(); ++c) {
      if (factors[c] < 0) waiting.pool.takes_minimum[c] ^= 1U;
    }
  }
  return result;
}

}  // namespace neurocuda::passes::paths
