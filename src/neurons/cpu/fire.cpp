#include <ATen/Parallel.h>

#include <algorithm>

#include "neurocuda/neurons/channel_kernel.hpp"
#include "neurons/cpu/neurons.hpp"
#include "neurons/cpu/time_blocks.hpp"
#include "neurons/float_span.hpp"
#include "neurons/neuron_arithmetic.hpp"
#include "neurons/simd_clones.hpp"

namespace neurocuda::neurons::cpu {
namespace {

NEUROCUDA_SIMD_CLONES
void forward_step(std::int64_t count, const float* __restrict x, const float* __restrict theta,
                  const float* __restrict inverse, float* __restrict v, float* __restrict out,
                  std::int8_t* __restrict codes) {
  for (std::int64_t i = 0; i < count; ++i) {
    const Fired fired = integrate_fire_encode(v[i], x[i], theta[i], inverse[i]);
    out[i] = fired.output;
    codes[i] = fired.code;
  }
}

struct Parameters {
  const float *theta, *inverse, *v0;
};

/// `mean`: null, or of the size of one slice.
template <class Scalar>
void forward_blocks(const TimeSlices& s, const ChannelBlocks& blocks, const Parameters& p, const Scalar* current,
                    Scalar* output, std::int8_t* codes, float* mean) {
  at::parallel_for(0, blocks.count(), kBlocksPerTask, [&](std::int64_t begin, std::int64_t end) {
    Floats v = block_of_floats(blocks), in = v, out = v;
    for (std::int64_t block = begin; block < end; ++block) {
      const std::int64_t count = blocks.length(block);
      std::copy(p.v0, p.v0 + count, v.data());
      for (int t = 0; t < s.timesteps; ++t) {
        const std::int64_t at = blocks.offset(block) + t * s.elements;
        const float* x = read_floats(current + (s.constant ? blocks.offset(block) : at), in.data(), count);
        float* y = place_floats(output + at, out.data());
        forward_step(count, x, p.theta, p.inverse, v.data(), y, codes + at);
        if (mean) add_to(mean + blocks.offset(block), y, count);
        written(y, output + at, count);
      }
      if (mean) scale(mean + blocks.offset(block), 1.0F / static_cast<float>(s.timesteps), count);
    }
  });
}

}  // namespace

Firing fire(const torch::Tensor& x, bool constant, const torch::Tensor& theta, const torch::Tensor& v0, int timesteps,
            bool with_mean) {
  auto shape = x.sizes().vec();
  if (constant) shape[0] *= timesteps;
  const auto format = x.dim() == 4 ? torch::MemoryFormat::ChannelsLast : torch::MemoryFormat::Contiguous;
  Firing firing{torch::empty(shape, x.options().memory_format(format)),
                torch::empty(shape, x.options().dtype(torch::kInt8).memory_format(format)), torch::Tensor()};
  if (with_mean) {
    shape[0] /= timesteps;
    firing.mean = torch::zeros(shape, torch::kFloat32).contiguous(format);
  }
  const TimeSlices slices{theta.numel(), constant ? x.numel() : x.numel() / timesteps, timesteps, constant};
  const ChannelBlocks blocks(slices.channels, slices.elements);
  const auto thresholds = blocks.repeated(theta), inverse = thresholds.reciprocal(), initial = blocks.repeated(v0);
  const Parameters parameters{thresholds.const_data_ptr<float>(), inverse.const_data_ptr<float>(),
                              initial.const_data_ptr<float>()};
  with_scalar(x, [&](auto scalar) {
    using Scalar = decltype(scalar);
    forward_blocks(slices, blocks, parameters, x.const_data_ptr<Scalar>(), firing.output.data_ptr<Scalar>(),
                   firing.codes.data_ptr<std::int8_t>(), with_mean ? firing.mean.data_ptr<float>() : nullptr);
  });
  return firing;
}

}  // namespace neurocuda::neurons::cpu
