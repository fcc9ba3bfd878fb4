#include "conversion/batches/image_mixing.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

namespace neurocuda::conversion {
namespace {

/// Beta(alpha, alpha) of 0 < alpha <= 1 (Joehnk 1964).
double draw_beta(Random& random, double alpha) {
  while (true) {
    const double u = random.uniform(), v = random.uniform();
    const double x = std::pow(u, 1 / alpha), y = std::pow(v, 1 / alpha);
    if (x + y == 0) return u > v ? 1 : 0;  // too small for a double: one of them is as good as all
    if (x + y <= 1) return x / (x + y);
  }
}

torch::Tensor draw_partners(const torch::Tensor& images, Random& random) {
  return torch::tensor(random.permutation(images.size(0)), torch::kInt64).to(images.device());
}

/// Where a box of `side` around `centre` begins and ends within 0..size.
std::pair<std::int64_t, std::int64_t> clipped(std::int64_t centre, std::int64_t side, std::int64_t size) {
  const std::int64_t begin = centre - side / 2;
  return {std::max<std::int64_t>(begin, 0), std::min(begin + side, size)};
}

}  // namespace

MixedImages mixup(const torch::Tensor& images, double alpha, Random& random) {
  const auto partners = draw_partners(images, random);
  std::vector<float> drawn(static_cast<std::size_t>(images.size(0)));
  for (float& share : drawn) share = static_cast<float>(draw_beta(random, alpha));
  const auto shares = torch::tensor(drawn).to(images.device());
  const auto mixed = torch::lerp(images.index_select(0, partners), images, shares.view({-1, 1, 1, 1}));
  return {mixed.contiguous(torch::MemoryFormat::ChannelsLast), shares, partners};
}

Box draw_box(Random& random, std::int64_t height, std::int64_t width, double rest) {
  const auto side = [&](std::int64_t size) { return std::llround(std::sqrt(rest) * static_cast<double>(size)); };
  Box box;
  std::tie(box.top, box.bottom) = clipped(random.below(height), side(height), height);
  std::tie(box.left, box.right) = clipped(random.below(width), side(width), width);
  return box;
}

MixedImages cutmix(const torch::Tensor& images, double alpha, Random& random) {
  const std::int64_t count = images.size(0), height = images.size(2), width = images.size(3);
  const auto partners = draw_partners(images, random);
  auto mask = torch::zeros({count, 1, height, width}, torch::kBool);
  std::vector<float> kept(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) {
    const Box box = draw_box(random, height, width, 1 - draw_beta(random, alpha));
    mask[i].slice(1, box.top, box.bottom).slice(2, box.left, box.right).fill_(true);
    kept[static_cast<std::size_t>(i)] =
        static_cast<float>(1 - static_cast<double>(box.area()) / static_cast<double>(height * width));
  }
  const auto mixed = torch::where(mask.to(images.device()), images.index_select(0, partners), images);
  return {mixed.contiguous(torch::MemoryFormat::ChannelsLast), torch::tensor(kept).to(images.device()), partners};
}

}  // namespace neurocuda::conversion
