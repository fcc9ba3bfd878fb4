#pragma once

#include <utility>

#include "neurocuda/neurons/fire_through_time.hpp"
#include "neurocuda/neurons/libtorch.hpp"
#include "neurocuda/program/mode.hpp"
#include "neurocuda/program/neuron_kind.hpp"

/// The training neurons as tensor operations over slices of time, for any device of libtorch: what runs where there is
/// no kernel, and what the kernels are tested against. Arguments as in gpu/neurons.hpp.
namespace neurocuda::neurons::tensor_operations {

Firing fire(const torch::Tensor& current, bool constant, const torch::Tensor& theta, const torch::Tensor& v0,
            int timesteps);
FiringGradients fire_backward(const torch::Tensor& g, const torch::Tensor& codes, std::int64_t channels, int timesteps,
                              bool constant);
/// (T N, C, ...) -> (N, C, ...) in float32.
torch::Tensor mean_over_time(const torch::Tensor& output, int timesteps);
/// The gradient g of (T N, C, ...) with that of their mean over time, (N, C, ...), spread over its timesteps.
torch::Tensor add_to_every_step(const torch::Tensor& g, const torch::Tensor& mean, int timesteps);
torch::Tensor spikes_of(const torch::Tensor& codes, const torch::Tensor& theta, torch::Dtype dtype);
torch::Tensor integrate_and_fire(const torch::Tensor& current, bool constant, const torch::Tensor& theta,
                                 const torch::Tensor& v0, int timesteps, program::Mode mode,
                                 program::NeuronKind kind = program::NeuronKind::plain);

torch::Tensor qcfs(const torch::Tensor& x, const torch::Tensor& lambda, std::int64_t levels);
/// Gradients of x and lambda.
std::pair<torch::Tensor, torch::Tensor> qcfs_backward(const torch::Tensor& x, const torch::Tensor& h,
                                                      const torch::Tensor& g, const torch::Tensor& lambda);

}  // namespace neurocuda::neurons::tensor_operations
