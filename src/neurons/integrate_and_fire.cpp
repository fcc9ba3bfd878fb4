#include "neurocuda/neurons/integrate_and_fire.hpp"

#include <ATen/Parallel.h>

#include <algorithm>
#include <vector>

#include "neurocuda/neurons/channel_kernel.hpp"
#include "neurocuda/neurons/tensor_neurons.hpp"
#include "neurons/channel_blocks.hpp"
#include "neurons/float_span.hpp"
#include "neurons/gpu/neurons.hpp"
#include "neurons/neuron_arithmetic.hpp"
#include "neurons/simd_clones.hpp"

namespace neurocuda::neurons {
namespace {

NEUROCUDA_SIMD_CLONES
void integrate(std::int64_t count, const float* __restrict x, float* __restrict v) {
  for (std::int64_t i = 0; i < count; ++i) v[i] += x[i];
}

NEUROCUDA_SIMD_CLONES
void fire_step(std::int64_t count, const float* __restrict theta, float* __restrict v, float* __restrict out) {
  for (std::int64_t i = 0; i < count; ++i) out[i] = fire(v[i], theta[i]);
}

NEUROCUDA_SIMD_CLONES
void fire_signed_step(std::int64_t count, const float* __restrict theta, float* __restrict v, float* __restrict sum,
                      float* __restrict out) {
  for (std::int64_t i = 0; i < count; ++i) out[i] = fire_signed(v[i], theta[i], sum[i]);
}

struct Neurons {
  std::int64_t elements;  ///< of one timestep
  int timesteps;
  bool constant;  ///< one current for all steps
  program::Mode mode;
  program::NeuronKind kind;
  const float *theta, *v0;
};

/// One worker's memory for a block. `sum`: of the spikes of signed neurons.
struct Scratch {
  std::vector<float> membrane, sum, buffer;
};

// The membranes of a block stay in the first-level cache for the whole T loop.
template <class Scalar>
void run_block(const Neurons& n, std::int64_t offset, std::int64_t count, const Scalar* current, Scalar* output,
               Scratch& scratch) {
  float *v = scratch.membrane.data(), *sum = scratch.sum.data(), *buffer = scratch.buffer.data();
  const auto integrate_step = [&](int t) {
    const Scalar* from = current + offset + (n.constant ? 0 : t * n.elements);
    integrate(count, read_floats(from, buffer, count), v);
  };
  std::copy(n.v0, n.v0 + count, v);
  std::fill_n(sum, count, 0.0F);
  if (n.mode == program::Mode::exact) {
    for (int t = 0; t < n.timesteps; ++t) integrate_step(t);
  }
  for (int t = 0; t < n.timesteps; ++t) {
    if (n.mode == program::Mode::synchronous) integrate_step(t);
    Scalar* to = output + offset + t * n.elements;
    float* out = place_floats(to, buffer);
    if (n.kind == program::NeuronKind::signed_) {
      fire_signed_step(count, n.theta, v, sum, out);
    } else {
      fire_step(count, n.theta, v, out);
    }
    written(out, to, count);
  }
}

torch::Tensor run_cpu(const torch::Tensor& current, bool constant, const torch::Tensor& theta, const torch::Tensor& v0,
                      int timesteps, program::Mode mode, program::NeuronKind kind) {
  auto shape = current.sizes().vec();
  const std::int64_t step = constant ? current.numel() : current.numel() / timesteps;
  if (constant) shape[0] *= timesteps;
  const auto format = current.dim() == 4 ? torch::MemoryFormat::ChannelsLast : torch::MemoryFormat::Contiguous;
  const auto output = torch::empty(shape, current.options().memory_format(format));
  const ChannelBlocks blocks(theta.numel(), step);
  const auto thresholds = blocks.repeated(theta), initial = blocks.repeated(v0);
  const Neurons neurons{
      step, timesteps, constant, mode, kind, thresholds.const_data_ptr<float>(), initial.const_data_ptr<float>()};
  with_scalar(current, [&](auto scalar) {
    using Scalar = decltype(scalar);
    const auto* from = current.const_data_ptr<Scalar>();
    auto* to = output.data_ptr<Scalar>();
    at::parallel_for(0, blocks.count(), 4, [&](std::int64_t begin, std::int64_t end) {
      const std::vector<float> zeros(static_cast<std::size_t>(blocks.longest()));
      Scratch scratch{zeros, zeros, zeros};
      for (std::int64_t block = begin; block < end; ++block)
        run_block(neurons, blocks.offset(block), blocks.length(block), from, to, scratch);
    });
  });
  return output;
}

}  // namespace

torch::Tensor integrate_and_fire(const torch::Tensor& current, bool constant, const torch::Tensor& theta,
                                 const torch::Tensor& v0, int timesteps, program::Mode mode, program::NeuronKind kind) {
  const auto x = channels_innermost(current);
  if (x.is_cpu()) return run_cpu(x, constant, theta, v0, timesteps, mode, kind);
  if (const auto launch = gpu::launch_beside(x)) {
    return gpu::integrate_and_fire(launch, x, constant, theta, v0, timesteps, mode, kind);
  }
  return tensor_operations::integrate_and_fire(x, constant, theta, v0, timesteps, mode, kind);
}

}  // namespace neurocuda::neurons
