#include "neurocuda/training/sgd.hpp"

#include <torch/nn/utils/clip_grad.h>
#include <torch/optim/sgd.h>

namespace neurocuda::training {

Sgd::Sgd(const std::vector<ParameterGroup>& groups, double momentum) {
  std::vector<torch::optim::OptimizerParamGroup> torch_groups;
  for (const ParameterGroup& group : groups) {
    if (group.parameters.empty()) continue;
    auto options = std::make_unique<torch::optim::SGDOptions>(group.learning_rate);
    options->momentum(momentum).nesterov(momentum > 0).weight_decay(group.weight_decay);
    torch_groups.emplace_back(group.parameters, std::move(options));
    peaks_.push_back(group.learning_rate);
    parameters_.insert(parameters_.end(), group.parameters.begin(), group.parameters.end());
  }
  optimizer_ = std::make_unique<torch::optim::SGD>(
      torch_groups, torch::optim::SGDOptions(1.0).momentum(momentum).nesterov(momentum > 0));
}

Sgd::~Sgd() = default;
Sgd::Sgd(Sgd&&) noexcept = default;

void Sgd::zero_grad() { optimizer_->zero_grad(); }

void Sgd::step(double factor, double clip_norm) {
  if (clip_norm > 0) torch::nn::utils::clip_grad_norm_(parameters_, clip_norm);
  auto& groups = optimizer_->param_groups();
  for (std::size_t i = 0; i < groups.size(); ++i) groups[i].options().set_lr(peaks_[i] * factor);
  optimizer_->step();
}

std::map<std::string, torch::Tensor> Sgd::state() const {
  std::map<std::string, torch::Tensor> tensors;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const auto found = optimizer_->state().find(parameters_[i].unsafeGetTensorImpl());
    if (found == optimizer_->state().end()) continue;
    const auto& momentum = static_cast<const torch::optim::SGDParamState&>(*found->second).momentum_buffer();
    if (momentum.defined()) tensors["momentum." + std::to_string(i)] = momentum;
  }
  return tensors;
}

void Sgd::load(const std::map<std::string, torch::Tensor>& tensors) {
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const auto found = tensors.find("momentum." + std::to_string(i));
    if (found == tensors.end()) continue;
    auto state = std::make_unique<torch::optim::SGDParamState>();
    state->momentum_buffer(found->second.to(parameters_[i].device()).clone());
    optimizer_->state()[parameters_[i].unsafeGetTensorImpl()] = std::move(state);
  }
}

}  // namespace neurocuda::training
