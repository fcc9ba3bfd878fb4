#pragma once

#include "neurocuda/ir/graph.hpp"

namespace neurocuda::ir {

enum class Trainable { no, yes };

/// Calls visit(name, tensor, trainable) for every tensor that the operator holds.
template <class Visit>
void for_each_parameter(const Operator& op, const Visit& visit) {
  const auto weight_and_bias = [&](const auto& layer) {
    visit("weight", layer.weight, Trainable::yes);
    if (layer.bias) visit("bias", *layer.bias, Trainable::yes);
  };
  if (const auto* conv = std::get_if<Conv2d>(&op)) {
    weight_and_bias(*conv);
  } else if (const auto* linear = std::get_if<Linear>(&op)) {
    weight_and_bias(*linear);
  } else if (const auto* norm = std::get_if<BatchNorm2d>(&op)) {
    visit("gamma", norm->gamma, Trainable::yes);
    visit("beta", norm->beta, Trainable::yes);
    visit("mean", norm->mean, Trainable::no);
    visit("variance", norm->variance, Trainable::no);
  } else if (const auto* qcfs = std::get_if<QCFS>(&op)) {
    visit("lambda", qcfs->lambda, Trainable::yes);
  } else if (const auto* neurons = std::get_if<IF>(&op)) {
    visit("theta", neurons->theta, Trainable::yes);
    visit("v0", neurons->v0, Trainable::yes);
  }
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
