#include "conversion/calibration/calibration_step.hpp"

#include "conversion/objective/class_loss.hpp"
#include "conversion/objective/distillation.hpp"

namespace neurocuda::conversion {

CalibrationStep::CalibrationStep(Network& student, Network& teacher, const ForwardOptions& forward,
                                 const CalibrateOptions& options)
    : student_(student), teacher_(teacher), options_(options), penalty_(student), forward_(forward) {
  forward_.training = true;
  if (options.synop_weight > 0)
    forward_.observe_means = [this](ir::NodeId id, const torch::Tensor& output) { penalty_.see(id, output); };
}

StepResult CalibrationStep::run(const torch::Tensor& images, const torch::Tensor& labels) {
  penalty_.reset();
  const auto logits = student_.forward(images, forward_);
  torch::Tensor target;
  if (options_.distillation > 0) target = softened(teacher_, images, options_.compute.bf16);
  auto loss = ClassLoss{options_.label_weight, options_.distillation}(logits, labels, target);
  if (penalty_.density().defined()) loss = loss + options_.synop_weight * penalty_.density();
  loss.backward();
  return {loss.item<double>(), logits.detach()};
}

}  // namespace neurocuda::conversion
