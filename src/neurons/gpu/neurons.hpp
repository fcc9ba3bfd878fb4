#pragma once

#include <utility>

#include "neurocuda/neurons/fire_through_time.hpp"
#include "neurocuda/neurons/libtorch.hpp"
#include "neurocuda/program/mode.hpp"
#include "neurocuda/program/neuron_kind.hpp"
#include "neurons/gpu/launcher.hpp"

/// The training neurons as kernels: allocates what they write on the device of what they read, and launches. Large
/// tensors have the channel innermost (channel_kernel.hpp); theta, v0, lambda: (C,) in float32. Codes, spikes and the
/// gradients of currents equal the CPU's bit for bit; gradients of parameters are the same sums in another, fixed
/// order.
namespace neurocuda::neurons::gpu {

/// As fire_through_time.
Firing fire(const Launch& launch, const torch::Tensor& current, bool constant, const torch::Tensor& theta,
            const torch::Tensor& v0, int timesteps);
/// `g`: gradient of the output.
FiringGradients fire_backward(const Launch& launch, const torch::Tensor& g, const torch::Tensor& codes,
                              std::int64_t channels, int timesteps, bool constant);
torch::Tensor spikes_of(const Launch& launch, const torch::Tensor& codes, const torch::Tensor& theta,
                        torch::Dtype dtype);
torch::Tensor integrate_and_fire(const Launch& launch, const torch::Tensor& current, bool constant,
                                 const torch::Tensor& theta, const torch::Tensor& v0, int timesteps, program::Mode mode,
                                 program::NeuronKind kind = program::NeuronKind::plain);

/// As qcfs.
torch::Tensor qcfs(const Launch& launch, const torch::Tensor& x, const torch::Tensor& lambda, std::int64_t levels);
/// Gradients of x and lambda. h: the output, or the rate that took its place; x, h and g of one type.
std::pair<torch::Tensor, torch::Tensor> qcfs_backward(const Launch& launch, const torch::Tensor& x,
                                                      const torch::Tensor& h, const torch::Tensor& g,
                                                      const torch::Tensor& lambda);

}  // namespace neurocuda::neurons::gpu
