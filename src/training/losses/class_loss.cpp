#include "neurocuda/training/class_loss.hpp"

#include "neurocuda/training/distillation.hpp"

namespace neurocuda::training {

torch::Tensor ClassLoss::operator()(const torch::Tensor& logits, const torch::Tensor& labels,
                                    const torch::Tensor& target) const {
  torch::Tensor loss;
  if (label_weight > 0) loss = label_weight * torch::cross_entropy_loss(logits, labels);
  if (teacher_weight > 0) {
    const auto distilled = teacher_weight * distillation_loss(logits, target);
    loss = loss.defined() ? loss + distilled : distilled;
  }
  return loss;
}

}  // namespace neurocuda::training
