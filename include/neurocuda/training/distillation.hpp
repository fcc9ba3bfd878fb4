#pragma once

#include "neurocuda/network/network.hpp"
#include "neurocuda/neurons/libtorch.hpp"

namespace neurocuda::training {

inline constexpr double kTemperature = 3.0;

/// The teacher's softened class probabilities, (N, classes), without gradients.
inline torch::Tensor softened(network::Network& teacher, const torch::Tensor& images, bool bf16) {
  const torch::NoGradGuard no_grad;
  network::ForwardOptions forward;
  forward.bf16 = bf16;
  return torch::softmax(teacher.forward(images, forward) / kTemperature, 1);
}

/// tau^2 KL(target || student), mean over the batch, tau = 3 (Hinton et al. 2015, arXiv 1503.02531).
inline torch::Tensor distillation_loss(const torch::Tensor& student_logits, const torch::Tensor& target) {
  const auto log_probability = torch::log_softmax(student_logits / kTemperature, 1);
  const auto sum = torch::kl_div(log_probability, target, at::Reduction::Sum);
  return sum / student_logits.size(0) * (kTemperature * kTemperature);
}

}  // namespace neurocuda::training
