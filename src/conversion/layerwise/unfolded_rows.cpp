#include "conversion/layerwise/unfolded_rows.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

#include "neurocuda/base/random.hpp"

namespace neurocuda::conversion::layerwise {
namespace {

/// (n, C, H, W) -> (n H W, C), (n, C) as it is.
torch::Tensor channels_last_rows(const torch::Tensor& x) {
  return x.dim() == 4 ? x.permute({0, 2, 3, 1}).reshape({-1, x.size(1)}) : x;
}

}  // namespace

std::int64_t connection_groups(const ir::Node& connection) {
  const auto* conv = connection.as<ir::Conv2d>();
  return conv != nullptr ? conv->groups : 1;
}

torch::Tensor sampled_positions(std::int64_t images, std::int64_t positions, std::int64_t wanted, std::uint64_t seed) {
  const std::int64_t taken = std::min(wanted, positions);
  std::vector<std::int64_t> chosen, all(static_cast<std::size_t>(positions));
  std::iota(all.begin(), all.end(), 0);
  Random random(seed);
  for (std::int64_t image = 0; image < images; ++image) {
    for (std::int64_t i = 0; i < taken; ++i) {
      if (taken < positions)
        std::swap(all[static_cast<std::size_t>(i)], all[static_cast<std::size_t>(i + random.below(positions - i))]);
      chosen.push_back(image * positions + all[static_cast<std::size_t>(i)]);
    }
  }
  return torch::tensor(chosen, torch::kInt64);
}

torch::Tensor unfolded_rows(const ir::Node& connection, const torch::Tensor& read, const Shape& output,
                            const torch::Tensor& positions) {
  const auto* conv = connection.as<ir::Conv2d>();
  if (conv == nullptr) return read.index_select(0, positions).unsqueeze(0);
  const Window& window = conv->window;
  const auto padded = at::constant_pad_nd(
      read, {window.padding.width, window.padding.width, window.padding.height, window.padding.height});
  const std::int64_t width = padded.size(3), height = padded.size(2), outputs = output[1] * output[2];
  const auto image = positions.div(outputs, "floor"), position = positions.remainder(outputs);
  const auto y = position.div(output[2], "floor") * window.stride.height;
  const auto x = position.remainder(output[2]) * window.stride.width;
  const auto first = (image * height + y) * width + x;  // of the window, in (n, H, W)
  const auto options = torch::TensorOptions(torch::kInt64).device(read.device());
  const auto rows = torch::arange(window.kernel.height, options) * (window.dilation.height * width);
  const auto columns = torch::arange(window.kernel.width, options) * window.dilation.width;
  const auto taps = (rows.unsqueeze(1) + columns.unsqueeze(0)).flatten();
  const auto index = (first.unsqueeze(1) + taps.unsqueeze(0)).flatten();
  const std::int64_t channels = read.size(1);
  const auto values = channels_last_rows(padded).index_select(0, index);  // (rows taps, C)
  return values.view({positions.size(0), taps.size(0), conv->groups, channels / conv->groups})
      .permute({2, 0, 1, 3})
      .reshape({conv->groups, positions.size(0), -1});
}

torch::Tensor flat_weight(const ir::Node& connection, const torch::Tensor& weight) {
  if (connection.as<ir::Conv2d>() == nullptr) return weight.unsqueeze(0);
  const std::int64_t groups = connection_groups(connection);
  return weight.permute({0, 2, 3, 1}).reshape({groups, weight.size(0) / groups, -1});
}

torch::Tensor from_flat_weight(const ir::Node& connection, const torch::Tensor& flat, const torch::Tensor& like) {
  if (connection.as<ir::Conv2d>() == nullptr) return flat.squeeze(0);
  return flat.reshape({like.size(0), like.size(2), like.size(3), like.size(1)}).permute({0, 3, 1, 2}).contiguous();
}

torch::Tensor rows_of_current(const torch::Tensor& current, const torch::Tensor& positions) {
  return channels_last_rows(current).index_select(0, positions);
}

}  // namespace neurocuda::conversion::layerwise
