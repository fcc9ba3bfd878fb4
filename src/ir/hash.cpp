#include "neurocuda/ir/hash.hpp"

#include "neurocuda/base/hash.hpp"
#include "neurocuda/ir/parameters.hpp"

namespace neurocuda::ir {
namespace {

void add(Hash& hash, const Size2& size) {
  hash.add(size.height);
  hash.add(size.width);
}

void add(Hash& hash, const Window& window) {
  for (const Size2& size : {window.kernel, window.stride, window.padding, window.dilation}) add(hash, size);
  if (window.ceil_mode) hash.add(std::int64_t{1});
}

/// What an operator has beside its parameters. One overload per operator: a new one does not compile without its own.
struct Attributes {
  Hash& hash;

  void operator()(const Input& input) const {
    hash.add_values(std::span(input.shape));
    hash.add_values(std::span(input.normalization.mean));
    hash.add_values(std::span(input.normalization.stddev));
    if (input.spike_train) hash.add(std::int64_t{1});
  }
  void operator()(const Conv2d& conv) const {
    add(hash, conv.window);
    hash.add(conv.groups);
  }
  void operator()(const Linear&) const {}
  void operator()(const BatchNorm2d& norm) const { hash.add(norm.epsilon); }
  void operator()(const ReLU& relu) const {
    if (relu.capped()) hash.add(relu.cap);
  }
  void operator()(const QCFS& activation) const { hash.add(activation.levels); }
  void operator()(const IF& neurons) const {
    if (neurons.is_signed) hash.add(std::int64_t{1});
  }
  void operator()(const Add&) const {}
  void operator()(const Concat&) const {}  // its inputs say it
  void operator()(const Slice& slice) const {
    hash.add(slice.begin);
    hash.add(slice.count);
  }
  void operator()(const AvgPool2d& pool) const { add(hash, pool.window); }
  void operator()(const GlobalAvgPool&) const {}
  void operator()(const MaxPool2d& pool) const {
    add(hash, pool.window);
    for (const std::uint8_t least : pool.takes_minimum) hash.add(least);
  }
  void operator()(const Flatten&) const {}
  void operator()(const Identity&) const {}
  void operator()(const Dropout& dropout) const { hash.add(dropout.rate); }
  void operator()(const Output&) const {}
};

}  // namespace

std::uint64_t hash_of(const Graph& graph) {
  Hash hash;
  for (const Node& node : graph.nodes()) {
    hash.add(std::string_view(node.name));
    hash.add(operator_name(node.op));
    hash.add_values(std::span(node.inputs));
    std::visit(Attributes{hash}, node.op);
    for_each_parameter(node.op, [&](const char* name, const Tensor<float>& tensor, Trainable) {
      hash.add(std::string_view(name));
      hash.add_values(std::span(tensor.shape()));
      hash.add_values(tensor.values());
    });
  }
  return hash.value();
}

}  // namespace neurocuda::ir
