#include "neurocuda/neurons/tensor_neurons.hpp"

#include <vector>

#include "neurocuda/neurons/channel_kernel.hpp"
#include "neurons/neuron_arithmetic.hpp"

namespace neurocuda::neurons::tensor_operations {
namespace {

torch::Tensor encode_any(const torch::Tensor& u, const torch::Tensor& fired) {
  const auto z = u * surrogate::kPi;
  const auto c = 127.0F * z / (1.0F + z.abs());
  const auto rounded = torch::where(fired, c, -c).clamp(0, 126).add(0.5F).floor();
  return torch::where(fired, rounded, -1 - rounded).to(torch::kInt8);
}

}  // namespace

Firing fire(const torch::Tensor& x, bool constant, const torch::Tensor& theta, const torch::Tensor& v0, int timesteps) {
  const auto steps = constant ? std::vector<torch::Tensor>(static_cast<std::size_t>(timesteps), x) : x.chunk(timesteps);
  const auto threshold = per_channel(theta, x);
  auto v = per_channel(v0, x).expand_as(steps[0]).clone();
  std::vector<torch::Tensor> outputs, codes;
  for (const auto& current : steps) {
    v += current;
    const auto fired = v >= kFires * threshold;
    codes.push_back(encode_any(v / threshold - 1.0F, fired));
    const auto output = fired.to(v.dtype()) * threshold;
    v -= output;
    outputs.push_back(output.to(x.dtype()));
  }
  return {torch::cat(outputs), torch::cat(codes), torch::Tensor()};
}

FiringGradients fire_backward(const torch::Tensor& gradient, const torch::Tensor& codes, std::int64_t channels,
                              int timesteps, bool constant) {
  const auto g = gradient.to(torch::kFloat32);
  const auto gradients = g.chunk(timesteps), code_steps = codes.chunk(timesteps);
  auto later = torch::zeros_like(gradients[0]), theta = torch::zeros({channels}, g.options());
  std::vector<torch::Tensor> currents(gradients.size());
  const float gain = surrogate::gain(timesteps);
  for (int t = timesteps - 1; t >= 0; --t) {
    const auto i = static_cast<std::size_t>(t);
    const auto spike = code_steps[i].ge(0).to(g.dtype());
    const auto c = (code_steps[i].to(g.dtype()) + (1 - spike)) / 127.0F;
    const auto room = 1 - c.abs();
    const auto derivative = gain * (room * room / (room * room + c * c)), membrane = 1 + c / (room * surrogate::kPi);
    theta += sum_to_channels(gradients[i] * (spike - derivative * membrane) - later * spike);
    later = later + gradients[i] * derivative;
    currents[i] = later;
  }
  const auto dx = constant ? torch::stack(currents).sum(0) : torch::cat(currents);
  return {dx.to(gradient.dtype()), theta, sum_to_channels(later)};
}

torch::Tensor mean_over_time(const torch::Tensor& output, int timesteps) {
  return output.unflatten(0, {timesteps, -1}).mean(torch::IntArrayRef{0}, false, torch::kFloat32);
}

torch::Tensor add_to_every_step(const torch::Tensor& g, const torch::Tensor& mean, int timesteps) {
  const auto step = (mean / timesteps).unsqueeze(0);
  return channels_innermost((g.unflatten(0, {timesteps, -1}) + step).flatten(0, 1).to(g.dtype()));
}

torch::Tensor spikes_of(const torch::Tensor& codes, const torch::Tensor& theta, torch::Dtype dtype) {
  return (codes.ge(0).to(torch::kFloat32) * per_channel(theta, codes)).to(dtype);
}

torch::Tensor integrate_and_fire(const torch::Tensor& current, bool constant, const torch::Tensor& theta,
                                 const torch::Tensor& v0, int timesteps, program::Mode mode, program::NeuronKind kind) {
  const auto steps =
      constant ? std::vector<torch::Tensor>(static_cast<std::size_t>(timesteps), current) : current.chunk(timesteps);
  const auto threshold = per_channel(theta, current);
  auto v = per_channel(v0, current).expand_as(steps[0]).clone();
  if (mode == program::Mode::exact) {
    for (const auto& x : steps) v += x;
  }
  const bool is_signed = kind == program::NeuronKind::signed_;
  auto sum = torch::zeros_like(v);
  std::vector<torch::Tensor> outputs;
  for (const auto& x : steps) {
    if (mode == program::Mode::synchronous) v += x;
    auto spikes = (v >= kFires * threshold).to(v.dtype());
    if (is_signed) {
      spikes -= (v < (kFires - 1.0F) * threshold).logical_and(sum > 0).to(v.dtype());
      sum += spikes;
    }
    const auto output = spikes * threshold;
    v -= output;
    outputs.push_back(output.to(x.dtype()));
  }
  return torch::cat(outputs);
}

torch::Tensor qcfs(const torch::Tensor& x, const torch::Tensor& lambda, std::int64_t levels) {
  const auto l = per_channel(lambda, x);
  const auto h = l * ((x * static_cast<double>(levels) / l + 0.5).floor() / static_cast<double>(levels)).clamp(0, 1);
  return h.to(x.dtype());
}

std::pair<torch::Tensor, torch::Tensor> qcfs_backward(const torch::Tensor& x, const torch::Tensor& h,
                                                      const torch::Tensor& gradient, const torch::Tensor& lambda) {
  const auto l = per_channel(lambda, x), g = gradient.to(torch::kFloat32);
  const auto above = (x >= l).to(g.dtype());
  const auto inside = (x > 0).to(g.dtype()) * (1 - above);
  return {(g * inside).to(x.dtype()), sum_to_channels(g * (inside * (h.to(g.dtype()) - x) / l + above))};
}

}  // namespace neurocuda::neurons::tensor_operations
