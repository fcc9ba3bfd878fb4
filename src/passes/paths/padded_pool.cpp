#include "passes/paths/padded_pool.hpp"

namespace neurocuda::passes::paths {
namespace {

/// The tap that all channels have a 1 at, and nothing else.
std::optional<Size2> only_tap(const ConvMap& map) {
  const std::int64_t height = map.weight.extent(2), width = map.weight.extent(3), area = height * width;
  const bool by_channel = map.groups == map.outputs() && map.weight.extent(1) == 1;
  if (!by_channel || map.window.stride != Size2{1, 1} || map.window.dilation != Size2{1, 1}) return std::nullopt;
  std::optional<std::int64_t> tap;
  for (std::int64_t i = 0; i < map.weight.size(); ++i) {
    if (map.weight[i] == 0) continue;
    if (map.weight[i] != 1 || (tap && *tap != i % area)) return std::nullopt;
    tap = i % area;
  }
  if (!tap) return std::nullopt;
  return Size2{*tap / width, *tap % width};
}

}  // namespace

std::optional<Window> pool_of_padded(const Window& pool, const ConvMap& padding, Size2 input) {
  const auto tap = only_tap(padding);
  if (!tap || pool.ceil_mode) return std::nullopt;
  const Size2 padded = output_size(padding.window, input);
  const Size2 before{padding.window.padding.height - tap->height, padding.window.padding.width - tap->width};
  if (before.height < 0 || before.width < 0) return std::nullopt;  // it crops
  Window whole = pool;
  whole.padding = {pool.padding.height + before.height, pool.padding.width + before.width};
  const Size2 wanted = output_size(pool, padded);
  for (const bool ceil_mode : {false, true}) {
    whole.ceil_mode = ceil_mode;
    const bool fits = 2 * whole.padding.height <= pool.kernel.height && 2 * whole.padding.width <= pool.kernel.width;
    if (fits && output_size(whole, input) == wanted) return whole;
  }
  return std::nullopt;
}

}  // namespace neurocuda::passes::paths
