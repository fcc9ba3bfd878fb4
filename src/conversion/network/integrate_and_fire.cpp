#include "conversion/network/integrate_and_fire.hpp"

#include <ATen/Parallel.h>

#include <vector>

#include "conversion/network/channel_kernel.hpp"
#include "conversion/network/simd_clones.hpp"

namespace neurocuda::conversion {
namespace {

struct Neurons {
  const float* current;
  std::int64_t current_stride;  ///< between timesteps; 0 for a constant current
  const float *theta, *v0;
  float* output;
  std::int64_t output_stride;
  std::int64_t channels;
  int timesteps;
};

// One row of channels: neighbouring neurons at one position. The membrane row stays in L1 for the whole T loop.
NEUROCUDA_SIMD_CLONES
void run_synchronous(const Neurons& n, std::int64_t offset, float* __restrict v) {
  for (std::int64_t c = 0; c < n.channels; ++c) v[c] = n.v0[c];
  for (int t = 0; t < n.timesteps; ++t) {
    const float* __restrict x = n.current + t * n.current_stride + offset;
    float* __restrict out = n.output + t * n.output_stride + offset;
    for (std::int64_t c = 0; c < n.channels; ++c) {
      v[c] += x[c];
      out[c] = v[c] >= kFires * n.theta[c] ? n.theta[c] : 0.0F;
      v[c] -= out[c];
    }
  }
}

NEUROCUDA_SIMD_CLONES
void run_exact(const Neurons& n, std::int64_t offset, float* __restrict v) {
  for (std::int64_t c = 0; c < n.channels; ++c) v[c] = n.v0[c];
  for (int t = 0; t < n.timesteps; ++t) {
    const float* __restrict x = n.current + t * n.current_stride + offset;
    for (std::int64_t c = 0; c < n.channels; ++c) v[c] += x[c];
  }
  for (int t = 0; t < n.timesteps; ++t) {
    float* __restrict out = n.output + t * n.output_stride + offset;
    for (std::int64_t c = 0; c < n.channels; ++c) {
      out[c] = v[c] >= kFires * n.theta[c] ? n.theta[c] : 0.0F;
      v[c] -= out[c];
    }
  }
}

torch::Tensor run_cpu(const torch::Tensor& current, bool constant, const torch::Tensor& theta, const torch::Tensor& v0,
                      int timesteps, SpikingMode mode) {
  auto shape = current.sizes().vec();
  const std::int64_t step = constant ? current.numel() : current.numel() / timesteps;
  if (constant) shape[0] *= timesteps;
  auto output = current.dim() == 4
                    ? torch::empty(shape, current.options().memory_format(torch::MemoryFormat::ChannelsLast))
                    : torch::empty(shape, current.options());
  const auto thresholds = theta.contiguous(), initial = v0.contiguous();
  const Neurons neurons{current.const_data_ptr<float>(),
                        constant ? 0 : step,
                        thresholds.const_data_ptr<float>(),
                        initial.const_data_ptr<float>(),
                        output.data_ptr<float>(),
                        step,
                        theta.numel(),
                        timesteps};
  at::parallel_for(0, step / neurons.channels, 64, [&](std::int64_t begin, std::int64_t end) {
    std::vector<float> membrane(static_cast<std::size_t>(neurons.channels));
    for (std::int64_t row = begin; row < end; ++row) {
      (mode == SpikingMode::exact ? run_exact : run_synchronous)(neurons, row * neurons.channels, membrane.data());
    }
  });
  return output;
}

torch::Tensor run_any(const torch::Tensor& current, bool constant, const torch::Tensor& theta, const torch::Tensor& v0,
                      int timesteps, SpikingMode mode) {
  const auto steps =
      constant ? std::vector<torch::Tensor>(static_cast<std::size_t>(timesteps), current) : current.chunk(timesteps);
  const auto threshold = per_channel(theta, current);
  auto v = per_channel(v0, current).expand_as(steps[0]).clone();
  if (mode == SpikingMode::exact) {
    for (const auto& x : steps) v += x;
  }
  std::vector<torch::Tensor> outputs;
  for (const auto& x : steps) {
    if (mode == SpikingMode::synchronous) v += x;
    outputs.push_back((v >= kFires * threshold).to(v.dtype()) * threshold);
    v -= outputs.back();
  }
  return torch::cat(outputs);
}

}  // namespace

torch::Tensor integrate_and_fire(const torch::Tensor& current, bool constant, const torch::Tensor& theta,
                                 const torch::Tensor& v0, int timesteps, SpikingMode mode) {
  const auto x = channels_innermost(current);
  return x.is_cpu() ? run_cpu(x, constant, theta, v0, timesteps, mode)
                    : run_any(x, constant, theta, v0, timesteps, mode);
}

}  // namespace neurocuda::conversion
