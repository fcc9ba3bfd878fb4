#include <algorithm>
#include <cmath>
#include <limits>

#include "neurocuda/base/error.hpp"
#include "neurocuda/ir/analysis.hpp"
#include "neurocuda/ir/parameters.hpp"

namespace neurocuda::ir {
namespace {

// Products of two of these, and sums of many such, still fit float32, which ends at 3e38. A trained network stays far
// below.
constexpr float kLargestParameter = 1e15F;

void check_size(const Node& node) {
  for_each_parameter(node.op, [&](const char* what, const Tensor<float>& tensor, Trainable) {
    for (std::int64_t i = 0; i < tensor.size(); ++i) {
      if (!std::isfinite(tensor[i])) {
        fail("{}: {}[{}] is {}; parameters must be finite", label(node), what, i, tensor[i]);
      }
      if (std::abs(tensor[i]) > kLargestParameter) {
        fail("{}: {}[{}] is {}, beyond {:g} in size, where float32 sums overflow; check how the network was trained",
             label(node), what, i, tensor[i], kLargestParameter);
      }
    }
  });
}

/// A layer whose weights are all below what float32 holds exactly (but not all 0) adds up rounding errors only.
void check_denormal(const Node& node, const Tensor<float>& weight) {
  float largest = 0;
  for (const float value : weight.values()) largest = std::max(largest, std::abs(value));
  if (largest == 0 || std::fpclassify(largest) != FP_SUBNORMAL) return;
  fail("{}: the largest of its weights is {}, too small for float32, which is exact from {:g} on; scale the layer up",
       label(node), largest, std::numeric_limits<float>::min());
}

/// Every value must be greater than `bound`.
void check_above(const Node& node, const char* what, std::span<const float> values, float bound) {
  const auto low = std::find_if(values.begin(), values.end(), [&](float value) { return !(value > bound); });
  if (low != values.end()) {
    fail("{}: {}[{}] is {}; it must be greater than {}", label(node), what, low - values.begin(), *low, bound);
  }
}

/// The ranges of one operator's own values; shapes are infer_shapes' business.
struct RangeCheck {
  const Node& node;

  void operator()(const Input& op) const {
    const Normalization& norm = op.normalization;
    if (norm.mean.empty() && norm.stddev.empty()) return;
    const auto channels = static_cast<std::size_t>(op.shape[0]);
    if (norm.mean.size() != channels || norm.stddev.size() != channels) {
      fail("{}: normalization has {} means and {} standard deviations for {} channels", label(node), norm.mean.size(),
           norm.stddev.size(), channels);
    }
    check_above(node, "normalization stddev", norm.stddev, 0.0F);
    const auto finite = [](float value) { return std::isfinite(value); };
    if (!std::all_of(norm.mean.begin(), norm.mean.end(), finite) ||
        !std::all_of(norm.stddev.begin(), norm.stddev.end(), finite)) {
      fail("{}: its normalization holds a value that is not finite", label(node));
    }
  }

  void operator()(const Conv2d& op) const { check_denormal(node, op.weight); }
  void operator()(const Linear& op) const { check_denormal(node, op.weight); }

  void operator()(const BatchNorm2d& op) const {
    if (!std::isfinite(op.epsilon) || op.epsilon < 0) {
      fail("{}: epsilon is {}; it must be finite and not negative", label(node), op.epsilon);
    }
    // A dead channel has variance 0 in good networks, as long as epsilon keeps the division finite.
    const auto values = op.variance.values();
    const auto bad = [&](float value) { return value < 0.0F || !(value + op.epsilon > 0.0F); };
    const auto found = std::find_if(values.begin(), values.end(), bad);
    if (found != values.end()) {
      fail("{}: variance[{}] is {} with epsilon {}; variances must not be negative, nor 0 without epsilon", label(node),
           found - values.begin(), *found, op.epsilon);
    }
  }

  void operator()(const ReLU& op) const {
    if (!(op.cap > 0.0F)) fail("{}: its cap is {}; it must be greater than 0", label(node), op.cap);
  }

  void operator()(const Concat& op) const {
    if (op.count < 1) fail("{}: has no inputs", label(node));
  }

  void operator()(const QCFS& op) const {
    check_above(node, "lambda", op.lambda.values(), 0.0F);
    if (op.levels < 1) fail("{}: levels is {}; at least 1 is needed", label(node), op.levels);
  }

  void operator()(const IF& op) const { check_above(node, "theta", op.theta.values(), 0.0F); }

  void operator()(const Dropout& op) const {
    if (!(op.rate >= 0.0F && op.rate < 1.0F)) fail("{}: rate is {}; it must be in [0, 1)", label(node), op.rate);
  }

  template <class Op>
  void operator()(const Op&) const {}
};

void check_every_node_is_used(const Graph& graph) {
  std::vector<bool> used(graph.size(), false);
  used[graph.output()] = true;
  for (NodeId id = graph.size(); id-- > 0;) {  // readers stand after what they read
    if (!used[id]) fail("{}: does not reach the output; remove it or connect it", label(graph.node(id)));
    for (const NodeId input : graph.node(id).inputs) used[input] = true;
  }
}

}  // namespace

void validate(const Graph& graph) {
  graph.input();
  check_every_node_is_used(graph);
  infer_shapes(graph);
  for (const Node& node : graph.nodes()) {
    check_size(node);
    std::visit(RangeCheck{node}, node.op);
  }
}

}  // namespace neurocuda::ir
