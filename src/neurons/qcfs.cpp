#include "neurocuda/neurons/qcfs.hpp"

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

constexpr std::int64_t kBlocksPerTask = 8;

NEUROCUDA_SIMD_CLONES
void forward_block(const float* __restrict x, const float* __restrict lambda, const float* __restrict inverse,
                   float* __restrict h, std::int64_t count, float levels) {
  const float step = 1.0F / levels;
  for (std::int64_t c = 0; c < count; ++c) h[c] = qcfs_value(x[c], lambda[c], inverse[c], levels, step);
}

NEUROCUDA_SIMD_CLONES
void backward_block(const float* __restrict x, const float* __restrict h, const float* __restrict g,
                    const float* __restrict lambda, const float* __restrict inverse, float* __restrict dx,
                    float* __restrict dlambda, std::int64_t count) {
  for (std::int64_t c = 0; c < count; ++c) {
    const QcfsGradient local = qcfs_gradient(x[c], h[c], g[c], lambda[c], inverse[c]);
    dx[c] = local.x;
    dlambda[c] += local.lambda;
  }
}

using Floats = std::vector<float>;

Floats block_of_floats(const ChannelBlocks& blocks) { return Floats(static_cast<std::size_t>(blocks.longest())); }

torch::Tensor forward_cpu(const torch::Tensor& x, const torch::Tensor& lambda, std::int64_t levels) {
  auto h = torch::empty_like(x);
  const ChannelBlocks blocks(lambda.numel(), x.numel());
  const auto ceiling = blocks.repeated(lambda), inverse = ceiling.reciprocal();
  const float *pl = ceiling.const_data_ptr<float>(), *pi = inverse.const_data_ptr<float>();
  with_scalar(x, [&](auto scalar) {
    using Scalar = decltype(scalar);
    const auto* px = x.const_data_ptr<Scalar>();
    auto* ph = h.data_ptr<Scalar>();
    at::parallel_for(0, blocks.count(), kBlocksPerTask, [&](std::int64_t begin, std::int64_t end) {
      Floats in = block_of_floats(blocks), out = in;
      for (std::int64_t block = begin; block < end; ++block) {
        const std::int64_t at = blocks.offset(block), count = blocks.length(block);
        float* y = place_floats(ph + at, out.data());
        forward_block(read_floats(px + at, in.data(), count), pl, pi, y, count, static_cast<float>(levels));
        written(y, ph + at, count);
      }
    });
  });
  return h;
}

/// What the gradient needs, all of one type.
template <class Scalar>
struct Saved {
  const Scalar *x, *h, *g;
  const float *lambda, *inverse;
};

template <class Scalar>
void backward_blocks(const Saved<Scalar>& s, const ChannelBlocks& blocks, std::int64_t begin, std::int64_t end,
                     Scalar* dx, float* dlambda) {
  Floats x = block_of_floats(blocks), h = x, g = x, out = x;
  for (std::int64_t block = begin; block < end; ++block) {
    const std::int64_t at = blocks.offset(block), count = blocks.length(block);
    float* y = place_floats(dx + at, out.data());
    backward_block(read_floats(s.x + at, x.data(), count), read_floats(s.h + at, h.data(), count),
                   read_floats(s.g + at, g.data(), count), s.lambda, s.inverse, y, dlambda, count);
    written(y, dx + at, count);
  }
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
  float* sums = partial.data_ptr<float>();
  with_scalar(x, [&](auto scalar) {
    using Scalar = decltype(scalar);
    const Saved<Scalar> saved{x.const_data_ptr<Scalar>(), h.const_data_ptr<Scalar>(), g.const_data_ptr<Scalar>(),
                              ceiling.const_data_ptr<float>(), inverse.const_data_ptr<float>()};
    auto* to = dx.data_ptr<Scalar>();
    at::parallel_for(0, tasks, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t task = begin; task < end; ++task) {
        backward_blocks(saved, blocks, blocks.count() * task / tasks, blocks.count() * (task + 1) / tasks, to,
                        sums + task * blocks.longest());
      }
    });
  });
  return {dx, blocks.summed(partial)};
}

torch::Tensor run_forward(const torch::Tensor& x, const torch::Tensor& lambda, std::int64_t levels) {
  if (x.is_cpu()) return forward_cpu(x, lambda.contiguous(), levels);
  if (const auto launch = gpu::launch_beside(x)) return gpu::qcfs(launch, x, lambda, levels);
  return tensor_operations::qcfs(x, lambda, levels);
}

std::pair<torch::Tensor, torch::Tensor> run_backward(const torch::Tensor& x, const torch::Tensor& h,
                                                     const torch::Tensor& g, const torch::Tensor& lambda) {
  if (g.is_cpu()) return backward_cpu(x, h, g, lambda.contiguous());
  if (const auto launch = gpu::launch_beside(g)) return gpu::qcfs_backward(launch, x, h, g, lambda);
  return tensor_operations::qcfs_backward(x, h, g, lambda);
}

struct QcfsFunction : torch::autograd::Function<QcfsFunction> {
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& input,
                               const torch::Tensor& lambda, std::int64_t levels) {
    const auto x = channels_innermost(input);
    const auto h = run_forward(x, lambda, levels);
    context->save_for_backward({x, h, lambda});
    return h;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto g = channels_innermost(gradients[0]).to(saved[0].dtype());
    const auto [dx, dlambda] = run_backward(saved[0], saved[1], g, saved[2]);
    return {dx, dlambda, torch::Tensor()};
  }
};

}  // namespace

torch::Tensor qcfs(const torch::Tensor& x, const torch::Tensor& lambda, std::int64_t levels) {
  return QcfsFunction::apply(x, lambda, levels);
}

}  // namespace neurocuda::neurons
