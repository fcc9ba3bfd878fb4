#include "conversion/tuning/tuning_step.hpp"

#include "conversion/objective/distillation.hpp"
#include "neurocuda/passes/passes.hpp"

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

TuningStep::TuningStep(Network& student, Network& teacher, const ir::Graph& qcfs, const FinetuneOptions& options)
    : student_(student),
      teacher_(teacher),
      options_(options),
      class_loss_{options.label_weight, options.distillation},
      penalty_(student) {
  forward_.bf16 = options.compute.bf16;
  forward_.timesteps = options.lower.timesteps;
  if (options.quantize_weights)
    forward_.grid = GridOptions{options.lower.weight_bits, options.lower.input_bits, options.lower.input_absmax};
  if (options.rate_matching > 0) matching_ = std::make_unique<RateMatching>(qcfs, student.device(), forward_);
  if (options.gradient == Gradient::rate)
    spiking_ = std::make_unique<Network>(passes::substitute_if(student.to_graph()), student.device());
}

StepResult TuningStep::run(const torch::Tensor& images, const torch::Tensor& labels, double weight) {
  ForwardOptions forward = forward_;
  forward.training = true;
  penalty_.reset();
  if (matching_) matching_->start(images);
  if (options_.synop_weight > 0 || matching_) {
    forward.observe_means = [&](ir::NodeId id, const torch::Tensor& mean) {
      if (options_.synop_weight > 0) penalty_.see(id, mean);
      if (matching_) matching_->see(id, mean);
    };
  }
  std::map<ir::NodeId, torch::Tensor> rates;
  if (spiking_) {
    rates = measured_rates(images);
    forward.rates = &rates;
  }
  const auto output = student_.forward(images, forward);
  const auto target = teacher_target(images);
  auto loss = spiking_ ? class_loss_(output, labels, target) : loss_through_time(output, labels, target);
  if (penalty_.density().defined()) loss = loss + options_.synop_weight * penalty_.density();
  if (matching_ && matching_->error().defined()) loss = loss + options_.rate_matching * matching_->error();
  (weight * loss).backward();
  return {loss.item<double>(), (spiking_ ? output : output.mean(0)).detach()};
}

StepResult TuningStep::run_in_parts(const torch::Tensor& images, const torch::Tensor& labels,
                                    std::int64_t micro_batch) {
  StepResult result;
  std::vector<torch::Tensor> logits;
  for (std::int64_t begin = 0; begin < images.size(0); begin += micro_batch) {
    const std::int64_t end = std::min(begin + micro_batch, images.size(0));
    const double weight = static_cast<double>(end - begin) / static_cast<double>(images.size(0));
    const StepResult part = run(images.slice(0, begin, end), labels.slice(0, begin, end), weight);
    result.loss += weight * part.loss;
    logits.push_back(part.logits);
  }
  result.logits = torch::cat(logits);
  return result;
}

// Cross-entropy of every timestep (Deng et al. 2022, TET, arXiv 2202.11946, eq. 9) and distillation from the ANN into
// every timestep, a share of both for the mean over time, and distillation of that mean into its timesteps.
torch::Tensor TuningStep::loss_through_time(const torch::Tensor& steps, const torch::Tensor& labels,
                                            const torch::Tensor& target) {
  const std::int64_t timesteps = steps.size(0);
  const auto each = stacked(steps);
  auto loss = torch::zeros({}, steps.options());
  if (options_.per_timestep > 0) {
    const auto targets = target.defined() ? repeated(target, timesteps) : target;
    loss = options_.per_timestep * class_loss_(each, repeated(labels, timesteps), targets);
  }
  if (options_.per_timestep < 1) loss = loss + (1 - options_.per_timestep) * class_loss_(steps.mean(0), labels, target);
  if (options_.time_consistency > 0) {
    const auto mean = torch::softmax(steps.detach().mean(0) / kTemperature, 1);
    loss = loss + options_.time_consistency * distillation_loss(each, repeated(mean, timesteps));
  }
  return loss;
}

torch::Tensor TuningStep::teacher_target(const torch::Tensor& images) {
  return options_.distillation > 0 ? softened(teacher_, images, options_.compute.bf16) : torch::Tensor();
}

std::map<ir::NodeId, torch::Tensor> TuningStep::measured_rates(const torch::Tensor& images) {
  const torch::NoGradGuard no_grad;
  for (ir::NodeId id = 0; id < student_.graph().size(); ++id) {
    const NodeTensors& from = student_.tensors(id);
    NodeTensors& to = spiking_->tensors(id);
    const NodeTensors neurons = to;
    to = from;
    to.theta = neurons.theta;
    to.v0 = neurons.v0;
    if (from.lambda_raw.defined()) {
      to.theta = to_positive(from.lambda_raw);
      to.v0 = to.theta / 2;
    }
  }
  std::map<ir::NodeId, torch::Tensor> rates;
  ForwardOptions forward = forward_;
  forward.observe_means = [&](ir::NodeId id, const torch::Tensor& mean) { rates[id] = mean; };
  spiking_->forward(images, forward);
  return rates;
}

}  // namespace neurocuda::conversion
