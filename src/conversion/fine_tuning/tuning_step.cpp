#include "conversion/fine_tuning/tuning_step.hpp"

#include "conversion/stage_options.hpp"
#include "neurocuda/training/distillation.hpp"

namespace neurocuda::conversion {
namespace {

/// Every timestep's logits under one another: (T, N, classes) -> (T N, classes).
torch::Tensor stacked(const torch::Tensor& steps) { return steps.flatten(0, 1); }

torch::Tensor repeated(const torch::Tensor& per_image, std::int64_t timesteps) {
  std::vector<std::int64_t> repeats(static_cast<std::size_t>(per_image.dim()), 1);
  repeats[0] = timesteps;
  return per_image.repeat(repeats);
}

}  // namespace

TuningStep::TuningStep(network::Network& student, network::Network& teacher, const ir::Graph& guide,
                       const Settings& settings)
    : student_(student),
      teacher_(teacher),
      settings_(settings),
      class_loss_{settings.label_weight, settings.tune_distillation},
      penalty_(student) {
  forward_.bf16 = settings.bf16;
  forward_.timesteps = settings.timesteps;
  forward_.grid = grid_of(settings);
  if (settings.rate_matching > 0)
    matching_ = std::make_unique<training::RateMatching>(guide, student.device(), forward_);
}

training::StepResult TuningStep::run(const torch::Tensor& images, const torch::Tensor& labels, double weight) {
  network::ForwardOptions forward = forward_;
  forward.training = true;
  penalty_.reset();
  if (matching_) matching_->start(images);
  if (settings_.synop_weight > 0 || matching_) {
    forward.observe_means = [&](ir::NodeId id, const torch::Tensor& mean) {
      if (settings_.synop_weight > 0) penalty_.see(id, mean);
      if (matching_) matching_->see(id, mean);
    };
  }
  const auto output = student_.forward(images, forward);
  auto loss = loss_through_time(output, labels, teacher_target(images));
  if (penalty_.density().defined()) loss = loss + settings_.synop_weight * penalty_.density();
  if (matching_ && matching_->error().defined()) loss = loss + settings_.rate_matching * matching_->error();
  (weight * loss).backward();
  return {loss.item<double>(), output.mean(0).detach()};
}

training::StepResult TuningStep::run_in_parts(const torch::Tensor& images, const torch::Tensor& labels,
                                              std::int64_t micro_batch) {
  training::StepResult result;
  std::vector<torch::Tensor> logits;
  for (std::int64_t begin = 0; begin < images.size(0); begin += micro_batch) {
    const std::int64_t end = std::min(begin + micro_batch, images.size(0));
    const double weight = static_cast<double>(end - begin) / static_cast<double>(images.size(0));
    const training::StepResult part = run(images.slice(0, begin, end), labels.slice(0, begin, end), weight);
    result.loss += weight * part.loss;
    logits.push_back(part.logits);
  }
  result.logits = torch::cat(logits);
  return result;
}

// Cross-entropy and distillation from the ANN of the mean over time, and distillation of that mean into every timestep.
torch::Tensor TuningStep::loss_through_time(const torch::Tensor& steps, const torch::Tensor& labels,
                                            const torch::Tensor& target) {
  auto loss = class_loss_(steps.mean(0), labels, target);
  if (settings_.time_consistency > 0) {
    const auto mean = torch::softmax(steps.detach().mean(0) / training::kTemperature, 1);
    const auto each = training::distillation_loss(stacked(steps), repeated(mean, steps.size(0)));
    loss = loss + settings_.time_consistency * each;
  }
  return loss;
}

torch::Tensor TuningStep::teacher_target(const torch::Tensor& images) {
  return settings_.tune_distillation > 0 ? training::softened(teacher_, images, settings_.bf16) : torch::Tensor();
}

}  // namespace neurocuda::conversion
