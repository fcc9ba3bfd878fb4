#include <ATen/Parallel.h>

#include "neurocuda/neurons/channel_kernel.hpp"
#include "neurons/cpu/neurons.hpp"
#include "neurons/cpu/time_blocks.hpp"
#include "neurons/float_span.hpp"
#include "neurons/neuron_arithmetic.hpp"
#include "neurons/simd_clones.hpp"

namespace neurocuda::neurons::cpu {
namespace {

NEUROCUDA_SIMD_CLONES
void decode_spikes(std::int64_t count, const std::int8_t* __restrict codes, const float* __restrict theta,
                   float* __restrict out) {
  for (std::int64_t i = 0; i < count; ++i) out[i] = spike_of(codes[i], theta[i]);
}

}  // namespace

torch::Tensor spikes_of(const torch::Tensor& codes, const torch::Tensor& theta, torch::Dtype dtype) {
  const auto output = torch::empty_like(codes, codes.options().dtype(dtype));
  const ChannelBlocks blocks(theta.numel(), codes.numel());
  const auto thresholds = blocks.repeated(theta);
  const float* pt = thresholds.const_data_ptr<float>();
  const auto* pc = codes.const_data_ptr<std::int8_t>();
  with_scalar(output, [&](auto scalar) {
    auto* to = output.data_ptr<decltype(scalar)>();
    at::parallel_for(0, blocks.count(), kBlocksPerTask, [&](std::int64_t begin, std::int64_t end) {
      Floats out = block_of_floats(blocks);
      for (std::int64_t block = begin; block < end; ++block) {
        const std::int64_t at = blocks.offset(block), count = blocks.length(block);
        float* y = place_floats(to + at, out.data());
        decode_spikes(count, pc + at, pt, y);
        written(y, to + at, count);
      }
    });
  });
  return output;
}

}  // namespace neurocuda::neurons::cpu
