#include "neurocuda/neurons/fire_through_time.hpp"

#include "neurocuda/neurons/channel_kernel.hpp"
#include "neurocuda/neurons/tensor_neurons.hpp"
#include "neurons/cpu/neurons.hpp"
#include "neurons/gpu/neurons.hpp"

namespace neurocuda::neurons {
namespace {

Firing run_forward(const torch::Tensor& x, bool constant, const torch::Tensor& theta, const torch::Tensor& v0,
                   int timesteps, bool with_mean) {
  if (x.is_cpu()) return cpu::fire(x, constant, theta, v0, timesteps, with_mean);
  const auto launch = gpu::launch_beside(x);
  Firing firing = launch ? gpu::fire(launch, x, constant, theta, v0, timesteps)
                         : tensor_operations::fire(x, constant, theta, v0, timesteps);
  if (with_mean) firing.mean = tensor_operations::mean_over_time(firing.output, timesteps);
  return firing;
}

/// `mean`: the gradient of the mean over time, or undefined.
FiringGradients run_backward(const torch::Tensor& output, const torch::Tensor& mean, const torch::Tensor& codes,
                             std::int64_t channels, int timesteps, bool constant) {
  if (output.is_cpu()) return cpu::fire_backward(output, mean, codes, channels, timesteps, constant);
  const auto g = mean.defined() ? tensor_operations::add_to_every_step(output, mean, timesteps) : output;
  if (const auto launch = gpu::launch_beside(g)) {
    return gpu::fire_backward(launch, g, codes, channels, timesteps, constant);
  }
  return tensor_operations::fire_backward(g, codes, channels, timesteps, constant);
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
    const FiringGradients result = run_backward(g, mean, codes, context->saved_data["channels"].toInt(),
                                                static_cast<int>(context->saved_data["timesteps"].toInt()),
                                                context->saved_data["constant"].toBool());
    return {result.current, result.theta, result.v0, torch::Tensor(), torch::Tensor(), torch::Tensor()};
  }
};

}  // namespace

torch::Tensor spikes_of(const torch::Tensor& codes, const torch::Tensor& theta, torch::Dtype dtype) {
  const auto rows = channels_innermost(codes);
  if (rows.is_cpu()) return cpu::spikes_of(rows, theta, dtype);
  if (const auto launch = gpu::launch_beside(rows)) return gpu::spikes_of(launch, rows, theta, dtype);
  return tensor_operations::spikes_of(rows, theta, dtype);
}

Firing fire_through_time(const torch::Tensor& current, bool constant, const torch::Tensor& theta,
                         const torch::Tensor& v0, int timesteps, bool with_mean) {
  const auto outputs =
      FireFunction::apply(current, theta, v0, constant, static_cast<std::int64_t>(timesteps), with_mean);
  return {outputs[0], outputs[1], with_mean ? outputs[2] : torch::Tensor()};
}

}  // namespace neurocuda::neurons
