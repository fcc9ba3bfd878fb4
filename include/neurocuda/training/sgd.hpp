#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "neurocuda/neurons/libtorch.hpp"

namespace torch::optim {
class SGD;
}

namespace neurocuda::training {

/// Parameters that share a learning rate factor and a weight decay.
struct ParameterGroup {
  std::vector<torch::Tensor> parameters;
  double learning_rate = 0.1;  ///< peak
  double weight_decay = 0;
};

/// torch::optim::SGD with Nesterov momentum over several groups, with a schedule factor common to all, and momenta that
/// go into checkpoints.
class Sgd {
 public:
  Sgd(const std::vector<ParameterGroup>& groups, double momentum);
  ~Sgd();
  Sgd(Sgd&&) noexcept;

  /// The first group's rate at `factor` times its peak.
  double learning_rate(double factor) const { return peaks_.front() * factor; }
  void zero_grad();
  /// One step at `factor` times the peak rates. clip_norm 0: no clipping (otherwise of the global gradient norm).
  void step(double factor, double clip_norm = 0);

  /// "momentum.<index>" -> buffer.
  std::map<std::string, torch::Tensor> state() const;
  void load(const std::map<std::string, torch::Tensor>& tensors);

 private:
  std::vector<double> peaks_;
  std::vector<torch::Tensor> parameters_;
  std::unique_ptr<torch::optim::SGD> optimizer_;
};

}  // namespace neurocuda::training
