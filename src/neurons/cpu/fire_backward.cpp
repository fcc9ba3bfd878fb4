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
void backward_step(std::int64_t count, float gain, const float* __restrict g, const std::int8_t* __restrict codes,
                   float* __restrict later, float* __restrict dtheta) {
  for (std::int64_t i = 0; i < count; ++i) step_back(g[i], codes[i], gain, later[i], dtheta[i]);
}

/// What comes back to the neurons: gradients of the output (T slices) and of its mean over time (one, or null).
template <class Scalar>
struct Returned {
  const Scalar* output;
  const float* mean;
};

/// Sums of one task, repeated parameters long.
struct PartialSums {
  float *theta, *v0;
};

template <class Scalar>
void backward_blocks(const TimeSlices& s, const ChannelBlocks& blocks, std::int64_t begin, std::int64_t end,
                     const Returned<Scalar>& g, const std::int8_t* codes, Scalar* dx, const PartialSums& sums) {
  Floats later = block_of_floats(blocks), in = later, constant_sum = later, each = later, total = later;
  const float gain = surrogate::gain(s.timesteps);
  for (std::int64_t block = begin; block < end; ++block) {
    const std::int64_t count = blocks.length(block), offset = blocks.offset(block);
    std::fill(later.begin(), later.end(), 0.0F);
    if (s.constant) std::fill(constant_sum.begin(), constant_sum.end(), 0.0F);
    if (g.mean) {
      std::copy(g.mean + offset, g.mean + offset + count, each.data());
      scale(each.data(), 1.0F / static_cast<float>(s.timesteps), count);
    }
    for (int t = s.timesteps - 1; t >= 0; --t) {
      const std::int64_t at = offset + t * s.elements;
      const float* gradient = read_floats(g.output + at, in.data(), count);
      if (g.mean) {
        std::copy(gradient, gradient + count, total.data());
        add_to(total.data(), each.data(), count);
        gradient = total.data();
      }
      backward_step(count, gain, gradient, codes + at, later.data(), sums.theta);
      if (s.constant) {
        add_to(constant_sum.data(), later.data(), count);
      } else {
        store_floats(later.data(), dx + at, count);
      }
    }
    if (s.constant) store_floats(constant_sum.data(), dx + offset, count);
    add_to(sums.v0, later.data(), count);
  }
}

}  // namespace

FiringGradients fire_backward(const torch::Tensor& g, const torch::Tensor& mean, const torch::Tensor& codes,
                              std::int64_t channels, int timesteps, bool constant) {
  auto shape = codes.sizes().vec();
  if (constant) shape[0] /= timesteps;
  const auto format = g.dim() == 4 ? torch::MemoryFormat::ChannelsLast : torch::MemoryFormat::Contiguous;
  const TimeSlices slices{channels, codes.numel() / timesteps, timesteps, constant};
  const ChannelBlocks blocks(slices.channels, slices.elements);
  // One partial sum per task, added in task order: the same result for the same number of threads.
  const std::int64_t tasks =
      std::max<std::int64_t>(1, std::min<std::int64_t>(at::get_num_threads(), blocks.count() / kBlocksPerTask));
  FiringGradients gradients{torch::empty(shape, g.options().memory_format(format)), {}, {}};
  auto theta = torch::zeros({tasks, blocks.longest()}), v0 = torch::zeros({tasks, blocks.longest()});
  with_scalar(g, [&](auto scalar) {
    using Scalar = decltype(scalar);
    const Returned<Scalar> returned{g.const_data_ptr<Scalar>(),
                                    mean.defined() ? mean.const_data_ptr<float>() : nullptr};
    const auto* pc = codes.const_data_ptr<std::int8_t>();
    auto* dx = gradients.current.data_ptr<Scalar>();
    float *dtheta = theta.data_ptr<float>(), *dv0 = v0.data_ptr<float>();
    at::parallel_for(0, tasks, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t task = begin; task < end; ++task) {
        backward_blocks(slices, blocks, blocks.count() * task / tasks, blocks.count() * (task + 1) / tasks, returned,
                        pc, dx, PartialSums{dtheta + task * blocks.longest(), dv0 + task * blocks.longest()});
      }
    });
  });
  gradients.theta = blocks.summed(theta);
  gradients.v0 = blocks.summed(v0);
  return gradients;
}

}  // namespace neurocuda::neurons::cpu
