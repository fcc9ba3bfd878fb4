#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "neurocuda/neurons/libtorch.hpp"

namespace neurocuda::conversion::layerwise {

/// The calibration images in blocks of a fixed size. Every sum over images is made block by block, each block by one
/// thread, and added up in the order of the blocks: results do not depend on the number of threads.
class ImageBlocks {
 public:
  /// `images` (N, C, H, W), or spike trains (N, T, C, H, W).
  ImageBlocks(const torch::Tensor& images, std::int64_t block_size);

  std::int64_t count() const { return static_cast<std::int64_t>(blocks_.size()); }
  std::int64_t images() const { return images_; }
  const torch::Tensor& operator[](std::int64_t block) const { return blocks_[static_cast<std::size_t>(block)]; }

  /// work(block) for every block, without gradients; on a CPU several at a time, one thread each.
  void for_each(const std::function<void(std::int64_t)>& work) const;
  /// work(i) for i in [0, count), in the same way.
  void in_parallel(std::int64_t count, const std::function<void(std::int64_t)>& work) const;
  /// The sum of what work(block) returns for the first `blocks` blocks, in their order, in float64.
  torch::Tensor sum(std::int64_t blocks, const std::function<torch::Tensor(std::int64_t)>& work) const;

 private:
  std::vector<torch::Tensor> blocks_;
  std::int64_t images_ = 0;
};

}  // namespace neurocuda::conversion::layerwise
