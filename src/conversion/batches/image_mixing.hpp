#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <vector>

#include "neurocuda/base/random.hpp"

namespace neurocuda::conversion {

/// Images, each mixed with another of its batch, and how much of each image is its own.
struct MixedImages {
  torch::Tensor images;    ///< (n, C, H, W), channels last
  torch::Tensor shares;    ///< (n), float32, 0 to 1: of image i in the mixture; 1 - share is its partner's
  torch::Tensor partners;  ///< (n), int64: which image of the batch that is
};

/// Mixup (Zhang et al. 2018, arXiv 1710.09412): each image x becomes s x + (1 - s) y, y an image of its batch and s
/// from Beta(alpha, alpha).
MixedImages mixup(const torch::Tensor& images, double alpha, Random& random);

/// CutMix (Yun et al. 2019, arXiv 1905.04899): a box of each image is replaced by that of an image of its batch. Its
/// sides are sqrt(1 - s) of the image's, s from Beta(alpha, alpha); its centre is anywhere in the image and what lies
/// outside is cut off, so that the share is measured afterwards. The pixels are as bright as before, so batch norms see
/// their statistics.
MixedImages cutmix(const torch::Tensor& images, double alpha, Random& random);

/// Rows first, end(s) excluded.
struct Box {
  std::int64_t top = 0, bottom = 0, left = 0, right = 0;
  std::int64_t area() const { return (bottom - top) * (right - left); }
};
/// The box of CutMix, with `rest` = 1 - s of the image before it is cut off.
Box draw_box(Random& random, std::int64_t height, std::int64_t width, double rest);

}  // namespace neurocuda::conversion
