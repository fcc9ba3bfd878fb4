#include "conversion/layerwise/image_blocks.hpp"

#include <ATen/Parallel.h>

#include "neurocuda/base/interrupt.hpp"

namespace neurocuda::conversion::layerwise {

ImageBlocks::ImageBlocks(const torch::Tensor& images, std::int64_t block_size)
    : blocks_(images.split(block_size)), images_(images.size(0)) {}

void ImageBlocks::in_parallel(std::int64_t count, const std::function<void(std::int64_t)>& work) const {
  throw_if_interrupted();
  const auto run = [&](std::int64_t begin, std::int64_t end) {
    const torch::NoGradGuard no_grad;
    for (std::int64_t i = begin; i < end; ++i) work(i);
  };
  if (blocks_.front().is_cpu()) {
    at::parallel_for(0, count, 1, run);
  } else {
    run(0, count);
  }
}

void ImageBlocks::for_each(const std::function<void(std::int64_t)>& work) const { in_parallel(count(), work); }

torch::Tensor ImageBlocks::sum(std::int64_t blocks, const std::function<torch::Tensor(std::int64_t)>& work) const {
  std::vector<torch::Tensor> parts(static_cast<std::size_t>(blocks));
  in_parallel(blocks, [&](std::int64_t block) { parts[static_cast<std::size_t>(block)] = work(block); });
  torch::Tensor total = parts.front().to(torch::kFloat64);
  for (std::size_t i = 1; i < parts.size(); ++i) total = total + parts[i];
  return total;
}

}  // namespace neurocuda::conversion::layerwise
