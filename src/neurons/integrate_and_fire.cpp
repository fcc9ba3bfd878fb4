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

struct Neurons {
  std::int64_t elements;  ///< of one timestep
  int timesteps;
  bool constant;  ///< one current for all steps
  program::Mode mode;
  const float *theta, *v0;
};

// The membranes of a block stay in the first-level cache for the whole T loop.
template <class Scalar>
void run_block(const Neurons& n, std::int64_t offset, std::int64_t count, const Scalar* current, Scalar* output,
               float* v, float* buffer) {
  const auto integrate_step = [&](int t) {
    const Scalar* from = current + offset + (n.constant ? 0 : t * n.elements);
    integrate(count, read_floats(from, buffer, count), v);
  };
  std::copy(n.v0, n.v0 + count, v);
  if (n.mode == program::Mode::exact) {
    for (int t = 0; t < n.timesteps; ++t) integrate_step(t);
  }
  for (int t = 0; t < n.timesteps; ++t) {
    if (n.mode == program::Mode::synchronous) integrate_step(t);
    Scalar* to = output + offset + t * n.elements;
    float* out = place_floats(to, buffer);
    fire_step(count, n.theta, v, out);
    written(out, to, count);
  }
}

torch::Tensor run_cpu(const torch::Tensor& current, bool constant, const torch::Tensor& theta, const torch::Tensor& v0,
                      int timesteps, program::Mode mode) {
  auto shape = current.sizes().vec();
  const std::int64_t step = constant ? current.numel() : current.numel() / timesteps;
  if (constant) shape[0] *= timesteps;
  const auto format = current.dim() == 4 ? torch::MemoryFormat::ChannelsLast : torch::MemoryFormat::Contiguous;
  const auto output = torch::empty(shape, current.options().memory_format(format));
  const ChannelBlocks blocks(theta.numel(), step);
  const auto thresholds = blocks.repeated(theta), initial = blocks.repeated(v0);
  const Neurons neurons{
      step, timesteps, constant, mode, thresholds.const_data_ptr<float>(), initial.const_data_ptr<float>()};
  with_scalar(current, [&](auto scalar) {
    using Scalar = decltype(scalar);
    const auto* from = current.const_data_ptr<Scalar>();
    auto* to = output.data_ptr<Scalar>();
    at::parallel_for(0, blocks.count(), 4, [&](std::int64_t begin, std::int64_t end) {
      std::vector<float> membrane(static_cast<std::size_t>(blocks.longest())), buffer(membrane);
      for (std::int64_t block = begin; block < end; ++block)
        run_block(neurons, blocks.offset(block), blocks.length(block), from, to, membrane.data(), buffer.data());
    });
  });
  return output;
}

}  // namespace

torch::Tensor integrate_and_fire(const torch::Tensor& current, bool constant, const torch::Tensor& theta,
                                 const torch::Tensor& v0, int timesteps, program::Mode mode) {
  const auto x = channels_innermost(current);
  if (x.is_cpu()) return run_cpu(x, constant, theta, v0, timesteps, mode);
  if (const auto launch = gpu::launch_beside(x)) {
    return gpu::integrate_and_fire(launch, x, constant, theta, v0, timesteps, mode);
  }
  return tensor_operations::integrate_and_fire(x, constant, theta, v0, timesteps, mode);
}

}  // namespace neurocuda::neurons
