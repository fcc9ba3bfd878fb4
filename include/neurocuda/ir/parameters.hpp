#pragma once

#include "neurocuda/ir/graph.hpp"

namespace neurocuda::ir {

enum class Trainable { no, yes };

namespace detail {

/// The tensors of each operator. One overload per operator: a new one does not compile without its own.
template <class Visit>
struct ParameterVisitor {
  const Visit& visit;

  template <class Affine>
  void weight_and_bias(const Affine& layer) const {
    visit("weight", layer.weight, Trainable::yes);
    if (layer.bias) visit("bias", *layer.bias, Trainable::yes);
  }
  void operator()(const Conv2d& conv) const { weight_and_bias(conv); }
  void operator()(const Linear& linear) const { weight_and_bias(linear); }
  void operator()(const BatchNorm2d& norm) const {
    visit("gamma", norm.gamma, Trainable::yes);
    visit("beta", norm.beta, Trainable::yes);
    visit("mean", norm.mean, Trainable::no);
    visit("variance", norm.variance, Trainable::no);
  }
  void operator()(const QCFS& qcfs) const { visit("lambda", qcfs.lambda, Trainable::yes); }
  void operator()(const IF& neurons) const {
    visit("theta", neurons.theta, Trainable::yes);
    visit("v0", neurons.v0, Trainable::yes);
    if (!neurons.bias_by_timestep.empty()) visit("bias_by_timestep", neurons.bias_by_timestep, Trainable::yes);
  }
  void operator()(const Input&) const {}
  void operator()(const ReLU&) const {}
  void operator()(const Add&) const {}
  void operator()(const Concat&) const {}
  void operator()(const Slice&) const {}
  void operator()(const AvgPool2d&) const {}
  void operator()(const GlobalAvgPool&) const {}
  void operator()(const MaxPool2d&) const {}
  void operator()(const Flatten&) const {}
  void operator()(const Identity&) const {}
  void operator()(const Dropout&) const {}
  void operator()(const Output& output) const {
    if (!output.bias_by_timestep.empty()) visit("bias_by_timestep", output.bias_by_timestep, Trainable::yes);
  }
};

}  // namespace detail

/// Calls visit(name, tensor, trainable) for every tensor that the operator holds.
template <class Visit>
void for_each_parameter(const Operator& op, const Visit& visit) {
  std::visit(detail::ParameterVisitor<Visit>{visit}, op);
}

/// Number of trainable values of one operator.
inline std::int64_t parameter_count(const Operator& op) {
  std::int64_t count = 0;
  for_each_parameter(op, [&](const char*, const Tensor<float>& tensor, Trainable trainable) {
    if (trainable == Trainable::yes) count += tensor.size();
  });
  return count;
}

}  // namespace neurocuda::ir
