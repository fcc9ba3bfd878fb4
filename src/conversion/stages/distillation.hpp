#pragma once

#include <torch/torch.h>

#include "conversion/network/network.hpp"

namespace neurocuda::conversion {

/// tau^2 KL(teacher || student) of the softened class probabilities, mean over the batch, tau = 3 (Hinton et al. 2015,
/// arXiv 1503.02531).
inline torch::Tensor distillation_loss(const torch::Tensor& student_logits, Network& teacher,
                                       const torch::Tensor& images, bool bf16) {
  constexpr double kTemperature = 3.0;
  torch::Tensor target;
  {
    const torch::NoGradGuard no_grad;
    ForwardOptions forward;
    forward.bf16 = bf16;
    target = torch::softmax(teacher.forward(images, forward) / kTemperature, 1);
  }
  const auto log_probability = torch::log_softmax(student_logits / kTemperature, 1);
  return torch::nn::functional::kl_div(log_probability, target,
                                       torch::nn::functional::KLDivFuncOptions().reduction(torch::kBatchMean)) *
         (kTemperature * kTemperature);
}

}  // namespace neurocuda::conversion
