#include "conversion/network/fire_through_time.hpp"

#include <ATen/Parallel.h>

#include <algorithm>
#include <vector>

#include "conversion/network/channel_kernel.hpp"
#include "conversion/network/integrate_and_fire.hpp"
#include "conversion/network/simd_clones.hpp"
#include "conversion/network/surrogate.hpp"

namespace neurocuda::conversion {
namespace {

constexpr std::int64_t kRowsPerTask = 64;

/// Rows are neighbouring channels at one position of one image; a row's T steps lie `step` elements apart.
struct Rows {
  std::int64_t channels, rows, step;
  int timesteps;
  bool constant;  ///< one current for all steps
};

Rows rows_of(const torch::Tensor& current, bool constant, const torch::Tensor& theta, int timesteps) {
  const std::int64_t step = constant ? current.numel() : current.numel() / timesteps;
  return {theta.numel(), step / theta.numel(), step, timesteps, constant};
}

NEUROCUDA_SIMD_CLONES
void forward_row(const Rows& r, const float* __restrict x, const float* __restrict theta,
                 const float* __restrict inverse, const float* __restrict v0, float* __restrict v,
                 float* __restrict output, std::int8_t* __restrict codes) {
  std::copy(v0, v0 + r.channels, v);
  for (int t = 0; t < r.timesteps; ++t) {
    const float* __restrict current = r.constant ? x : x + t * r.step;
    float* __restrict out = output + t * r.step;
    std::int8_t* __restrict code = codes + t * r.step;
    for (std::int64_t c = 0; c < r.channels; ++c) {
      v[c] += current[c];
      const bool fired = v[c] >= kFires * theta[c];
      code[c] = surrogate::encode(v[c] * inverse[c] - 1.0F, fired);
      out[c] = fired ? theta[c] : 0.0F;
      v[c] -= out[c];
    }
  }
}

/// `later` holds dL/dv[t+1] and is dL/dv0 at the end; `dtheta` adds up.
NEUROCUDA_SIMD_CLONES
void backward_row(const Rows& r, const float* __restrict g, const std::int8_t* __restrict codes, float* __restrict dx,
                  float* __restrict later, float* __restrict dtheta) {
  std::fill(later, later + r.channels, 0.0F);
  if (r.constant) std::fill(dx, dx + r.channels, 0.0F);
  for (int t = r.timesteps - 1; t >= 0; --t) {
    const float* __restrict gradient = g + t * r.step;
    const std::int8_t* __restrict code = codes + t * r.step;
    float* __restrict current = r.constant ? dx : dx + t * r.step;
    for (std::int64_t c = 0; c < r.channels; ++c) {
      const auto [derivative, membrane] = surrogate::decode(code[c]);
      const float spike = code[c] >= 0 ? 1.0F : 0.0F;
      dtheta[c] += gradient[c] * (spike - derivative * membrane) - later[c] * spike;
      later[c] += gradient[c] * derivative;
      current[c] = r.constant ? current[c] + later[c] : later[c];
    }
  }
}

Firing forward_cpu(const torch::Tensor& x, bool constant, const torch::Tensor& theta, const torch::Tensor& v0,
                   int timesteps) {
  auto shape = x.sizes().vec();
  if (constant) shape[0] *= timesteps;
  const auto format = x.dim() == 4 ? torch::MemoryFormat::ChannelsLast : torch::MemoryFormat::Contiguous;
  Firing firing{torch::empty(shape, x.options().memory_format(format)),
                torch::empty(shape, x.options().dtype(torch::kInt8).memory_format(format))};
  const Rows rows = rows_of(x, constant, theta, timesteps);
  const auto thresholds = theta.contiguous(), inverse = thresholds.reciprocal(), initial = v0.contiguous();
  const float *px = x.const_data_ptr<float>(), *pt = thresholds.const_data_ptr<float>(),
              *pi = inverse.const_data_ptr<float>(), *p0 = initial.const_data_ptr<float>();
  float* output = firing.output.data_ptr<float>();
  auto* codes = firing.codes.data_ptr<std::int8_t>();
  at::parallel_for(0, rows.rows, kRowsPerTask, [&](std::int64_t begin, std::int64_t end) {
    std::vector<float> v(static_cast<std::size_t>(rows.channels));
    for (std::int64_t row = begin; row < end; ++row) {
      const std::int64_t at = row * rows.channels;
      forward_row(rows, px + at, pt, pi, p0, v.data(), output + at, codes + at);
    }
  });
  return firing;
}

struct Gradients {
  torch::Tensor current, theta, v0;
};

Gradients backward_cpu(const torch::Tensor& g, const torch::Tensor& codes, const Rows& rows) {
  auto shape = codes.sizes().vec();
  if (rows.constant) shape[0] /= rows.timesteps;
  const auto format = g.dim() == 4 ? torch::MemoryFormat::ChannelsLast : torch::MemoryFormat::Contiguous;
  // One partial sum per task, added in task order: the same result for the same number of threads.
  const std::int64_t tasks =
      std::max<std::int64_t>(1, std::min<std::int64_t>(at::get_num_threads(), rows.rows / kRowsPerTask));
  Gradients gradients{torch::empty(shape, g.options().memory_format(format)), {}, {}};
  auto theta = torch::zeros({tasks, rows.channels}), v0 = torch::zeros({tasks, rows.channels});
  const float* pg = g.const_data_ptr<float>();
  const auto* pc = codes.const_data_ptr<std::int8_t>();
  float *dx = gradients.current.data_ptr<float>(), *dtheta = theta.data_ptr<float>(), *dv0 = v0.data_ptr<float>();
  at::parallel_for(0, tasks, 1, [&](std::int64_t begin, std::int64_t end) {
    std::vector<float> later(static_cast<std::size_t>(rows.channels));
    for (std::int64_t task = begin; task < end; ++task) {
      for (std::int64_t row = rows.rows * task / tasks; row < rows.rows * (task + 1) / tasks; ++row) {
        const std::int64_t at = row * rows.channels;
        backward_row(rows, pg + at, pc + at, dx + at, later.data(), dtheta + task * rows.channels);
        for (std::int64_t c = 0; c < rows.channels; ++c)
          dv0[task * rows.channels + c] += later[static_cast<std::size_t>(c)];
      }
    }
  });
  gradients.theta = theta.sum(0);
  gradients.v0 = v0.sum(0);
  return gradients;
}

// Any device: the same recursions over slices of time.

torch::Tensor encode_any(const torch::Tensor& u, const torch::Tensor& fired) {
  const auto z = u * surrogate::kPi;
  const auto c = 127.0F * z / (1.0F + z.abs());
  const auto rounded = torch::where(fired, c, -c).clamp(0, 126).add(0.5F).floor();
  return torch::where(fired, rounded, -1 - rounded).to(torch::kInt8);
}

Firing forward_any(const torch::Tensor& x, bool constant, const torch::Tensor& theta, const torch::Tensor& v0,
                   int timesteps) {
  const auto steps = constant ? std::vector<torch::Tensor>(static_cast<std::size_t>(timesteps), x) : x.chunk(timesteps);
  const auto threshold = per_channel(theta, x);
  auto v = per_channel(v0, x).expand_as(steps[0]).clone();
  std::vector<torch::Tensor> outputs, codes;
  for (const auto& current : steps) {
    v += current;
    const auto fired = v >= kFires * threshold;
    codes.push_back(encode_any(v / threshold - 1.0F, fired));
    outputs.push_back(fired.to(v.dtype()) * threshold);
    v -= outputs.back();
  }
  return {torch::cat(outputs), torch::cat(codes)};
}

Gradients backward_any(const torch::Tensor& g, const torch::Tensor& codes, const Rows& rows) {
  const auto gradients = g.chunk(rows.timesteps), code_steps = codes.chunk(rows.timesteps);
  auto later = torch::zeros_like(gradients[0]), theta = torch::zeros({rows.channels}, g.options());
  std::vector<torch::Tensor> currents(gradients.size());
  for (int t = rows.timesteps - 1; t >= 0; --t) {
    const auto i = static_cast<std::size_t>(t);
    const auto spike = code_steps[i].ge(0).to(g.dtype());
    const auto c = (code_steps[i].to(g.dtype()) + (1 - spike)) / 127.0F;
    const auto room = 1 - c.abs();
    const auto derivative = room * room / (room * room + c * c), membrane = 1 + c / (room * surrogate::kPi);
    theta += sum_to_channels(gradients[i] * (spike - derivative * membrane) - later * spike);
    later = later + gradients[i] * derivative;
    currents[i] = later;
  }
  const auto dx = rows.constant ? torch::stack(currents).sum(0) : torch::cat(currents);
  return {dx, theta, sum_to_channels(later)};
}

struct FireFunction : torch::autograd::Function<FireFunction> {
  static torch::autograd::variable_list forward(torch::autograd::AutogradContext* context, const torch::Tensor& current,
                                                const torch::Tensor& theta, const torch::Tensor& v0, bool constant,
                                                std::int64_t timesteps) {
    const auto x = channels_innermost(current);
    const int steps = static_cast<int>(timesteps);
    const Firing firing =
        x.is_cpu() ? forward_cpu(x, constant, theta, v0, steps) : forward_any(x, constant, theta, v0, steps);
    context->mark_non_differentiable({firing.codes});
    context->save_for_backward({firing.codes});
    context->saved_data["timesteps"] = timesteps;
    context->saved_data["constant"] = constant;
    context->saved_data["channels"] = theta.numel();
    return {firing.output, firing.codes};
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto codes = context->get_saved_variables()[0];
    const auto g = channels_innermost(gradients[0]);
    const std::int64_t channels = context->saved_data["channels"].toInt();
    const auto timesteps = context->saved_data["timesteps"].toInt();
    const std::int64_t step = codes.numel() / timesteps;
    const Rows rows{channels, step / channels, step, static_cast<int>(timesteps),
                    context->saved_data["constant"].toBool()};
    const Gradients result = g.is_cpu() ? backward_cpu(g, codes, rows) : backward_any(g, codes, rows);
    return {result.current, result.theta, result.v0, torch::Tensor(), torch::Tensor()};
  }
};

}  // namespace

Firing fire_through_time(const torch::Tensor& current, bool constant, const torch::Tensor& theta,
                         const torch::Tensor& v0, int timesteps) {
  const auto outputs = FireFunction::apply(current, theta, v0, constant, static_cast<std::int64_t>(timesteps));
  return {outputs[0], outputs[1]};
}

}  // namespace neurocuda::conversion
