#pragma once

#include <torch/torch.h>

namespace neurocuda::conversion {

/// What teaches the logits: the labels, and the ANN's softened probabilities.
struct ClassLoss {
  double label_weight = 1;    ///< of the cross-entropy
  double teacher_weight = 0;  ///< of distillation_loss()

  /// `labels`: (N,) classes or (N, classes) shares; `target`: softened(), needed when its weight is positive. A scalar.
  torch::Tensor operator()(const torch::Tensor& logits, const torch::Tensor& labels, const torch::Tensor& target) const;
};

/// UserError for a negative weight, and when neither is positive: nothing would teach. `options`: the names of the two.
void require_teacher(const ClassLoss& loss, const char* options);

}  // namespace neurocuda::conversion
