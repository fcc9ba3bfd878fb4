#pragma once

#include "neurocuda/neurons/libtorch.hpp"

namespace neurocuda::training {

/// What teaches the logits: the labels, and the ANN's softened probabilities.
struct ClassLoss {
  double label_weight = 1;    ///< of the cross-entropy
  double teacher_weight = 0;  ///< of distillation_loss()

  /// `labels`: (N,) classes; `target`: softened(), needed when its weight is positive. A scalar.
  torch::Tensor operator()(const torch::Tensor& logits, const torch::Tensor& labels, const torch::Tensor& target) const;
};

}  // namespace neurocuda::training
