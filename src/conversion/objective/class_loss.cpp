#include "conversion/objective/class_loss.hpp"

#include "conversion/objective/distillation.hpp"
#include "neurocuda/base/error.hpp"

namespace neurocuda::conversion {

torch::Tensor ClassLoss::operator()(const torch::Tensor& logits, const torch::Tensor& labels,
                                    const torch::Tensor& target) const {
  torch::Tensor loss;
  if (label_weight > 0) loss = label_weight * torch::nn::functional::cross_entropy(logits, labels);
  if (teacher_weight > 0) {
    const auto distilled = teacher_weight * distillation_loss(logits, target);
    loss = loss.defined() ? loss + distilled : distilled;
  }
  return loss;
}

void require_teacher(const ClassLoss& loss, const char* options) {
  for (const double weight : {loss.label_weight, loss.teacher_weight}) {
    if (!(weight >= 0)) fail("{} {}: must be 0 or more", options, weight);
  }
  if (loss.label_weight == 0 && loss.teacher_weight == 0) fail("{} 0: nothing would teach; give one a weight", options);
}

}  // namespace neurocuda::conversion
