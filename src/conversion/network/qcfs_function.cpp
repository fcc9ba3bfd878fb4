#include "conversion/network/qcfs_function.hpp"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <vector>

#include "conversion/network/channel_blocks.hpp"
#include "conversion/network/channel_kernel.hpp"
#include "conversion/network/rate_activation.hpp"
#include "conversion/network/simd_clones.hpp"

namespace neurocuda::conversion {
namespace {

constexpr std::int64_t kBlocksPerTask = 8;

NEUROCUDA_SIMD_CLONES
void forward_block(const float* __restrict x, const float* __restrict lambda, const float* __restrict inverse,
                   float* __restrict h, std::int64_t count, float levels) {
  const float step = 1.0F / levels;
  for (std::int64_t c = 0; c < count; ++c) {
    const float level = std::floor(x[c] * levels * inverse[c] + 0.5F);
    h[c] = lambda[c] * std::min(std::max(level * step, 0.0F), 1.0F);
  }
}

// Arithmetic with 0/1 factors instead of branches, so that the loop vectorises.
NEUROCUDA_SIMD_CLONES
void backward_block(const float* __restrict x, const float* __restrict h, const float* __restrict g,
                    const float* __restrict lambda, const float* __restrict inverse, float* __restrict dx,
                    float* __restrict dlambda, std::int64_t count) {
  for (std::int64_t c = 0; c < count; ++c) {
    const float positive = x[c] > 0.0F ? 1.0F : 0.0F;
    const float above = x[c] >= lambda[c] ? 1.0F : 0.0F;
    const float inside = positive * (1.0F - above);
    dx[c] = g[c] * inside;
    dlambda[c] += g[c] * (inside * (h[c] - x[c]) * inverse[c] + above);
  }
}

torch::Tensor forward_cpu(const torch::Tensor& x, const torch::Tensor& lambda, std::int64_t levels) {
  auto h = torch::empty_like(x);
  const ChannelBlocks blocks(lambda.numel(), x.numel());
  const auto ceiling = blocks.repeated(lambda), inverse = ceiling.reciprocal();
  const float *px = x.const_data_ptr<float>(), *pl = ceiling.const_data_ptr<float>(),
              *pi = inverse.const_data_ptr<float>();
  float* ph = h.data_ptr<float>();
  at::parallel_for(0, blocks.count(), kBlocksPerTask, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t block = begin; block < end; ++block) {
      const std::int64_t at = blocks.offset(block);
      forward_block(px + at, pl, pi, ph + at, blocks.length(block), static_cast<float>(levels));
    }
  });
  return h;
}

std::pair<torch::Tensor, torch::Tensor> backward_cpu(const torch::Tensor& x, const torch::Tensor& h,
                                                     const torch::Tensor& g, const torch::Tensor& lambda) {
  const ChannelBlocks blocks(lambda.numel(), x.numel());
  // One partial sum per task, added in task order afterwards: the same result for the same number of threads.
  const std::int64_t tasks =
      std::max<std::int64_t>(1, std::min<std::int64_t>(at::get_num_threads(), blocks.count() / kBlocksPerTask));
  auto dx = torch::empty_like(x);
  auto partial = torch::zeros({tasks, blocks.longest()});
  const auto ceiling = blocks.repeated(lambda), inverse = ceiling.reciprocal();
  const float *px = x.const_data_ptr<float>(), *ph = h.const_data_ptr<float>(), *pg = g.const_data_ptr<float>();
  const float *pl = ceiling.const_data_ptr<float>(), *pi = inverse.const_data_ptr<float>();
  float *pdx = dx.data_ptr<float>(), *pp = partial.data_ptr<float>();
  at::parallel_for(0, tasks, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t task = begin; task < end; ++task) {
      for (std::int64_t block = blocks.count() * task / tasks; block < blocks.count() * (task + 1) / tasks; ++block) {
        const std::int64_t at = blocks.offset(block);
        backward_block(px + at, ph + at, pg + at, pl, pi, pdx + at, pp + task * blocks.longest(), blocks.length(block));
      }
    }
  });
  return {dx, blocks.summed(partial)};
}

torch::Tensor forward_any(const torch::Tensor& x, const torch::Tensor& lambda, std::int64_t levels) {
  const auto l = per_channel(lambda, x);
  return l * ((x * static_cast<double>(levels) / l + 0.5).floor() / static_cast<double>(levels)).clamp(0, 1);
}

std::pair<torch::Tensor, torch::Tensor> backward_any(const torch::Tensor& x, const torch::Tensor& h,
                                                     const torch::Tensor& g, const torch::Tensor& lambda) {
  const auto l = per_channel(lambda, x);
  const auto above = (x >= l).to(g.dtype());
  const auto inside = (x > 0).to(g.dtype()) * (1 - above);
  return {g * inside, sum_to_channels(g * (inside * (h - x) / l + above))};
}

torch::autograd::variable_list gradients_of(torch::autograd::AutogradContext& context, const torch::Tensor& gradient) {
  const auto saved = context.get_saved_variables();
  const auto g = channels_innermost(gradient);
  const auto [dx, dlambda] = g.is_cpu() ? backward_cpu(saved[0], saved[1], g, saved[2].contiguous())
                                        : backward_any(saved[0], saved[1], g, saved[2]);
  return {dx, dlambda, torch::Tensor()};
}

struct QcfsFunction : torch::autograd::Function<QcfsFunction> {
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& input,
                               const torch::Tensor& lambda, std::int64_t levels) {
    const auto x = channels_innermost(input);
    const auto h = x.is_cpu() ? forward_cpu(x, lambda.contiguous(), levels) : forward_any(x, lambda, levels);
    context->save_for_backward({x, h, lambda});
    return h;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    return gradients_of(*context, gradients[0]);
  }
};

struct RateFunction : torch::autograd::Function<RateFunction> {
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& x,
                               const torch::Tensor& lambda, const torch::Tensor& rate) {
    const auto h = channels_innermost(rate);
    context->save_for_backward({channels_innermost(x), h, lambda});
    return h.clone();
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    return gradients_of(*context, gradients[0]);
  }
};

}  // namespace

torch::Tensor qcfs(const torch::Tensor& x, const torch::Tensor& lambda, std::int64_t levels) {
  return QcfsFunction::apply(x, lambda, levels);
}

torch::Tensor rate_activation(const torch::Tensor& x, const torch::Tensor& rate, const torch::Tensor& lambda) {
  return RateFunction::apply(x, lambda, rate.detach());
}

}  // namespace neurocuda::conversion
