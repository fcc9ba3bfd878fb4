#include "conversion/calibration/calibration_step.hpp"

#include "neurocuda/training/class_loss.hpp"
#include "neurocuda/training/distillation.hpp"

namespace neurocuda::conversion {

CalibrationStep::CalibrationStep(network::Network& student, network::Network& teacher,
                                 const network::ForwardOptions& forward, const Settings& settings)
    : student_(student), teacher_(teacher), settings_(settings), penalty_(student), forward_(forward) {
  forward_.training = true;
  if (settings.synop_weight > 0)
    forward_.observe_means = [this](ir::NodeId id, const torch::Tensor& output) { penalty_.see(id, output); };
}

training::StepResult CalibrationStep::run(const torch::Tensor& images, const torch::Tensor& labels) {
  penalty_.reset();
  const auto logits = student_.forward(images, forward_);
  torch::Tensor target;
  if (settings_.distillation > 0) target = training::softened(teacher_, images, settings_.bf16);
  auto loss = training::ClassLoss{settings_.label_weight, settings_.distillation}(logits, labels, target);
  if (penalty_.density().defined()) loss = loss + settings_.synop_weight * penalty_.density();
  loss.backward();
  return {loss.item<double>(), logits.detach()};
}

}  // namespace neurocuda::conversion
