#include "conversion/network/fire_through_time.hpp"

#include <ATen/Parallel.h>

#include <algorithm>
#include <vector>

#include "conversion/network/channel_blocks.hpp"
#include "conversion/network/channel_kernel.hpp"
#include "conversion/network/float_span.hpp"
#include "conversion/network/gpu/neurons.hpp"
#include "conversion/network/neuron_arithmetic.hpp"
#include "conversion/network/simd_clones.hpp"
#include "conversion/network/tensor_neurons.hpp"

namespace neurocuda::conversion {
namespace {

constexpr std::int64_t kBlocksPerTask = 4;

/// T slices of equal size, one after the other in memory.
struct Steps {
  std::int64_t channels, elements;  ///< of one slice
  int timesteps;
  bool constant;  ///< one current for all steps
};

Steps steps_of(const torch::Tensor& current, bool constant, const torch::Tensor& theta, int timesteps) {
  return {theta.numel(), constant ? current.numel() : current.numel() / timesteps, timesteps, constant};
}

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

NEUROCUDA_SIMD_CLONES
void backward_step(std::int64_t count, float gain, const float* __restrict g, const std::int8_t* __restrict codes,
                   float* __restrict later, float* __restrict dtheta) {
  for (std::int64_t i = 0; i < count; ++i) step_back(g[i], codes[i], gain, later[i], dtheta[i]);
}

NEUROCUDA_SIMD_CLONES
void add_to(float* __restrict sum, const float* __restrict x, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) sum[i] += x[i];
}

NEUROCUDA_SIMD_CLONES
void scale(float* __restrict x, float factor, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) x[i] *= factor;
}

using Floats = std::vector<float>;

Floats block_of_floats(const ChannelBlocks& blocks) { return Floats(static_cast<std::size_t>(blocks.longest())); }

struct Parameters {
  const float *theta, *inverse, *v0;
};

/// `mean`: null, or of the size of one slice.
template <class Scalar>
void forward_blocks(const Steps& s, const ChannelBlocks& blocks, const Parameters& p, const Scalar* current,
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

Firing forward_cpu(const torch::Tensor& x, bool constant, const torch::Tensor& theta, const torch::Tensor& v0,
                   int timesteps, bool with_mean) {
  auto shape = x.sizes().vec();
  if (constant) shape[0] *= timesteps;
  const auto format = x.dim() == 4 ? torch::MemoryFormat::ChannelsLast : torch::MemoryFormat::Contiguous;
  Firing firing{torch::empty(shape, x.options().memory_format(format)),
                torch::empty(shape, x.options().dtype(torch::kInt8).memory_format(format)), torch::Tensor()};
  if (with_mean) {
    shape[0] /= timesteps;
    firing.mean = torch::zeros(shape, torch::kFloat32).contiguous(format);
  }
  const Steps steps = steps_of(x, constant, theta, timesteps);
  const ChannelBlocks blocks(steps.channels, steps.elements);
  const auto thresholds = blocks.repeated(theta), inverse = thresholds.reciprocal(), initial = blocks.repeated(v0);
  const Parameters parameters{thresholds.const_data_ptr<float>(), inverse.const_data_ptr<float>(),
                              initial.const_data_ptr<float>()};
  with_scalar(x, [&](auto scalar) {
    using Scalar = decltype(scalar);
    forward_blocks(steps, blocks, parameters, x.const_data_ptr<Scalar>(), firing.output.data_ptr<Scalar>(),
                   firing.codes.data_ptr<std::int8_t>(), with_mean ? firing.mean.data_ptr<float>() : nullptr);
  });
  return firing;
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
void backward_blocks(const Steps& s, const ChannelBlocks& blocks, std::int64_t begin, std::int64_t end,
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

FiringGradients backward_cpu(const torch::Tensor& g, const torch::Tensor& mean, const torch::Tensor& codes,
                             const Steps& steps) {
  auto shape = codes.sizes().vec();
  if (steps.constant) shape[0] /= steps.timesteps;
  const auto format = g.dim() == 4 ? torch::MemoryFormat::ChannelsLast : torch::MemoryFormat::Contiguous;
  const ChannelBlocks blocks(steps.channels, steps.elements);
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
        backward_blocks(steps, blocks, blocks.count() * task / tasks, blocks.count() * (task + 1) / tasks, returned, pc,
                        dx, PartialSums{dtheta + task * blocks.longest(), dv0 + task * blocks.longest()});
      }
    });
  });
  gradients.theta = blocks.summed(theta);
  gradients.v0 = blocks.summed(v0);
  return gradients;
}

Firing run_forward(const torch::Tensor& x, bool constant, const torch::Tensor& theta, const torch::Tensor& v0,
                   int timesteps, bool with_mean) {
  if (x.is_cpu()) return forward_cpu(x, constant, theta, v0, timesteps, with_mean);
  const auto launch = gpu::launch_beside(x);
  Firing firing = launch ? gpu::fire(launch, x, constant, theta, v0, timesteps)
                         : tensor_operations::fire(x, constant, theta, v0, timesteps);
  if (with_mean) firing.mean = tensor_operations::mean_over_time(firing.output, timesteps);
  return firing;
}

/// `mean`: the gradient of the mean over time, or undefined.
FiringGradients run_backward(const torch::Tensor& output, const torch::Tensor& mean, const torch::Tensor& codes,
                             const Steps& s) {
  if (output.is_cpu()) return backward_cpu(output, mean, codes, s);
  const auto g = mean.defined() ? tensor_operations::add_to_every_step(output, mean, s.timesteps) : output;
  if (const auto launch = gpu::launch_beside(g)) {
    return gpu::fire_backward(launch, g, codes, s.channels, s.timesteps, s.constant);
  }
  return tensor_operations::fire_backward(g, codes, s.channels, s.timesteps, s.constant);
}

struct FireFunction : torch::autograd::Function<FireFunction> {
  static torch::autograd::variable_list forward(torch::autograd::AutogradContext* context, const torch::Tensor& current,
                                                const torch::Tensor& theta, const torch::Tensor& v0, bool constant,
                                                std::int64_t timesteps, bool with_mean) {
    const auto x = channels_innermost(current);
    const Firing firing = run_forward(x, constant, theta, v0, static_cast<int>(timesteps), with_mean);
    context->mark_non_differentiable({firing.codes});
    context->save_for_backward({firing.codes});
    context->saved_data["timesteps"] = timesteps;
    context->saved_data["constant"] = constant;
    context->saved_data["channels"] = theta.numel();
    context->set_materialize_grads(false);
    if (!with_mean) return {firing.output, firing.codes};
    return {firing.output, firing.codes, firing.mean};
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto codes = context->get_saved_variables()[0];
    const auto& to_output = gradients[0];
    const auto g = channels_innermost(
        to_output.defined() ? to_output : torch::zeros_like(codes, codes.options().dtype(torch::kFloat32)));
    const bool to_mean = gradients.size() > 2 && gradients[2].defined();
    const auto mean = to_mean ? channels_innermost(gradients[2]) : torch::Tensor();
    const auto timesteps = context->saved_data["timesteps"].toInt();
    const Steps steps{context->saved_data["channels"].toInt(), codes.numel() / timesteps, static_cast<int>(timesteps),
                      context->saved_data["constant"].toBool()};
    const FiringGradients result = run_backward(g, mean, codes, steps);
    return {result.current, result.theta, result.v0, torch::Tensor(), torch::Tensor(), torch::Tensor()};
  }
};

NEUROCUDA_SIMD_CLONES
void decode_spikes(std::int64_t count, const std::int8_t* __restrict codes, const float* __restrict theta,
                   float* __restrict out) {
  for (std::int64_t i = 0; i < count; ++i) out[i] = spike_of(codes[i], theta[i]);
}

torch::Tensor spikes_cpu(const torch::Tensor& codes, const torch::Tensor& theta, torch::Dtype dtype) {
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

}  // namespace

torch::Tensor spikes_of(const torch::Tensor& codes, const torch::Tensor& theta, torch::Dtype dtype) {
  const auto rows = channels_innermost(codes);
  if (rows.is_cpu()) return spikes_cpu(rows, theta, dtype);
  if (const auto launch = gpu::launch_beside(rows)) return gpu::spikes_of(launch, rows, theta, dtype);
  return tensor_operations::spikes_of(rows, theta, dtype);
}

Firing fire_through_time(const torch::Tensor& current, bool constant, const torch::Tensor& theta,
                         const torch::Tensor& v0, int timesteps, bool with_mean) {
  const auto outputs =
      FireFunction::apply(current, theta, v0, constant, static_cast<std::int64_t>(timesteps), with_mean);
  return {outputs[0], outputs[1], with_mean ? outputs[2] : torch::Tensor()};
}

}  // namespace neurocuda::conversion
