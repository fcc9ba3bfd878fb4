#include <ATen/ATen.h>

#include "neurocuda/base/error.hpp"
#include "neurocuda/network/network.hpp"
#include "neurocuda/network/operators.hpp"
#include "neurocuda/network/weight_grid.hpp"
#include "neurocuda/neurons/channel_kernel.hpp"
#include "neurocuda/neurons/fire_through_time.hpp"
#include "neurocuda/neurons/integrate_and_fire.hpp"
#include "neurocuda/neurons/qcfs.hpp"
#include "neurocuda/neurons/spike_convolution.hpp"
#include "neurocuda/neurons/tensor_neurons.hpp"

namespace neurocuda::network {
namespace {

/// A node's value. Behind IF neurons, and of a spike train, it has T slices, (T N, ...) with time outermost; before
/// them it is the same at every step.
struct Value {
  torch::Tensor data;
  bool temporal = false;
  torch::Tensor codes{}, theta{};  ///< of spikes, when gradients through time are wanted
};

/// One pass over the nodes. Layer by layer, all timesteps of a layer at once, so that convolutions see one large batch.
class Pass {
 public:
  Pass(Network& network, const ForwardOptions& options)
      : network_(network),
        options_(options),
        through_time_(network.spiking() && at::GradMode::is_enabled() && options.mode == program::Mode::synchronous) {
    if (options.grid) weights_ = network.weight_grid().apply(network, *options.grid);
  }

  torch::Tensor run(const torch::Tensor& images) {
    const ir::Graph& graph = network_.graph();
    std::vector<std::size_t> readers_left;
    for (const auto& readers : graph.consumers()) readers_left.push_back(readers.size());
    values_.resize(graph.size());
    for (id_ = 0; id_ < graph.size(); ++id_) {
      const ir::Node& node = graph.node(id_);
      values_[id_] =
          node.as<ir::Input>() ? input(images) : std::visit([&](const auto& op) { return apply(op, node); }, node.op);
      for (const ir::NodeId read : node.inputs) {
        if (--readers_left[read] == 0) values_[read] = Value{};
      }
    }
    return values_[graph.output()].data;
  }

 private:
  const Value& first(const ir::Node& node) const { return values_[node.inputs[0]]; }
  NodeTensors& tensors() { return network_.tensors(id_); }

  /// Spike trains come as (N, T, C, H, W).
  Value input(const torch::Tensor& images) const {
    const bool trains = network_.graph().input_operator().spike_train;
    if (trains && network_.spiking()) {
      return {images.narrow(1, 0, options_.timesteps).transpose(0, 1).flatten(0, 1).contiguous(), true};
    }
    if (!options_.grid || trains) return {images};
    return {round_to_input_grid(images, input_grid_scale(network_.graph(), *options_.grid), options_.grid->input_bits)};
  }

  torch::Tensor weight() {
    const auto found = weights_.find(id_);
    return found != weights_.end() ? found->second : tensors().weight;
  }

  /// Runs an affine map in bfloat16 when asked for. Its result stays so: batch norms, QCFS and neurons compute in
  /// float32 whatever type they read and write, and the time goes into reading and writing.
  template <class Function>
  torch::Tensor affine(const torch::Tensor& x, const Function& function) {
    const torch::Tensor& bias = tensors().bias;
    if (!options_.bf16) return current(function(x, weight(), bias));
    const auto half = [](const torch::Tensor& t) { return t.defined() ? t.to(torch::kBFloat16) : t; };
    return current(function(half(x), half(weight()), half(bias)));
  }

  torch::Tensor current(torch::Tensor y) const {
    if (options_.observe_currents) options_.observe_currents(id_, y);
    return y;
  }

  Value apply(const ir::Input&, const ir::Node&) { throw InternalError("the input is handled by run"); }

  Value apply(const ir::Conv2d& conv, const ir::Node& node) {
    const auto convolve = [&](const torch::Tensor& x, const torch::Tensor& w, const torch::Tensor& b) {
      return value_of(conv, x, w, b);
    };
    const Value& x = first(node);
    if (!x.codes.defined()) return {affine(x.data, convolve), x.temporal};
    return {current(neurons::spike_convolution({x.data, x.codes}, x.theta, weight(), tensors().bias, conv.window,
                                               conv.groups, options_.bf16)),
            x.temporal};
  }

  Value apply(const ir::Linear&, const ir::Node& node) {
    const auto multiply = [](const torch::Tensor& x, const torch::Tensor& w, const torch::Tensor& b) {
      return at::linear(x, w, b);
    };
    return {affine(first(node).data, multiply), first(node).temporal};
  }

  Value apply(const ir::BatchNorm2d& norm, const ir::Node& node) {
    auto& t = tensors();
    if (options_.observe_norms) options_.observe_norms(id_, first(node).data);
    return {torch::batch_norm(first(node).data, t.gamma, t.beta, t.mean, t.variance, options_.training, 0.1,
                              norm.epsilon, false),
            first(node).temporal};
  }

  /// `mean`: of IF neurons over time, where it is there already.
  Value observed(Value value, const torch::Tensor& mean = {}) const {
    if (options_.observe) options_.observe(id_, value.data);
    if (!options_.observe_means) return value;
    if (mean.defined() || !value.temporal) {
      options_.observe_means(id_, mean.defined() ? mean : value.data);
    } else {
      options_.observe_means(id_, neurons::tensor_operations::mean_over_time(value.data, options_.timesteps));
    }
    return value;
  }

  Value apply(const ir::ReLU& relu, const ir::Node& node) {
    const Value& x = first(node);
    return observed({relu.capped() ? torch::clamp(x.data, 0, relu.cap) : torch::relu(x.data), x.temporal});
  }

  Value apply(const ir::QCFS& activation, const ir::Node& node) {
    const auto lambda = to_positive(tensors().lambda_raw);
    return observed({neurons::qcfs(first(node).data, lambda, activation.levels), first(node).temporal});
  }

  /// The current together with the biases by timestep, (T N, ...).
  Value with_biases(const Value& current) {
    const torch::Tensor& table = tensors().bias_by_timestep;
    if (!table.defined()) return current;
    const auto x = over_time(current).unflatten(0, {options_.timesteps, -1});
    std::vector<std::int64_t> shape(static_cast<std::size_t>(x.dim()), 1);
    shape[0] = options_.timesteps;
    shape[2] = -1;
    return {(x + biases_for(table, options_.timesteps).view(shape)).flatten(0, 1).to(x.scalar_type()), true};
  }

  Value apply(const ir::IF& neurons, const ir::Node& node) {
    const Value current = with_biases(first(node));
    if (through_time_) {
      ensure(!neurons.is_signed, "signed neurons have no gradient through time");
      const auto firing = neurons::fire_through_time(current.data, !current.temporal, tensors().theta, tensors().v0,
                                                     options_.timesteps, static_cast<bool>(options_.observe_means));
      return observed({firing.output, true, firing.codes, tensors().theta}, firing.mean);
    }
    return observed({neurons::integrate_and_fire(
                         current.data, !current.temporal, tensors().theta, tensors().v0, options_.timesteps,
                         options_.mode, neurons.is_signed ? program::NeuronKind::signed_ : program::NeuronKind::plain),
                     true});
  }

  torch::Tensor over_time(const Value& value) const {
    if (value.temporal) return value.data;
    std::vector<std::int64_t> repeats(static_cast<std::size_t>(value.data.dim()), 1);
    repeats[0] = options_.timesteps;
    return value.data.repeat(repeats);
  }

  Value apply(const ir::Add&, const ir::Node& node) {
    const Value &a = values_[node.inputs[0]], &b = values_[node.inputs[1]];
    if (a.temporal == b.temporal) return {a.data + b.data, a.temporal};
    return {over_time(a) + over_time(b), true};
  }

  Value apply(const ir::Concat&, const ir::Node& node) {
    bool temporal = false;
    for (const ir::NodeId input : node.inputs) temporal = temporal || values_[input].temporal;
    std::vector<torch::Tensor> parts;
    for (const ir::NodeId input : node.inputs)
      parts.push_back(temporal ? over_time(values_[input]) : values_[input].data);
    return {at::cat(parts, 1), temporal};
  }

  Value apply(const ir::Slice& slice, const ir::Node& node) {
    return {first(node).data.narrow(1, slice.begin, slice.count), first(node).temporal};
  }

  template <class Op>
  Value at_each_step(const Op& op, const ir::Node& node) {
    return {value_of(op, first(node).data), first(node).temporal};
  }

  Value apply(const ir::AvgPool2d& pool, const ir::Node& node) {
    if (through_time_) return {neurons::light_avg_pool(first(node).data, pool.window), first(node).temporal};
    return at_each_step(pool, node);
  }

  Value apply(const ir::GlobalAvgPool& pool, const ir::Node& node) { return at_each_step(pool, node); }

  /// Of spikes by their counts, as the integer network does.
  Value apply(const ir::MaxPool2d& pool, const ir::Node& node) {
    if (!first(node).temporal) return at_each_step(pool, node);
    ir::NodeId source = node.inputs[0];
    while (!network_.tensors(source).theta.defined()) {
      ensure(!network_.graph().node(source).inputs.empty(), "a max pool reads spikes");
      source = network_.graph().node(source).inputs[0];
    }
    return {max_pool_of_counts(pool, first(node).data, network_.tensors(source).theta, options_.timesteps), true};
  }
  Value apply(const ir::Flatten& flatten, const ir::Node& node) { return at_each_step(flatten, node); }

  Value apply(const ir::Identity&, const ir::Node& node) { return first(node); }

  Value apply(const ir::Dropout& dropout, const ir::Node& node) {
    return {torch::dropout(first(node).data, dropout.rate, options_.training), first(node).temporal};
  }

  Value apply(const ir::Output&, const ir::Node& node) {
    const Value logits = network_.spiking() ? with_biases(first(node)) : first(node);
    if (!network_.spiking()) return {logits.data.to(torch::kFloat32)};
    const auto steps = over_time(logits).to(torch::kFloat32);
    return {steps.view({options_.timesteps, -1, steps.size(1)}), true};
  }

  Network& network_;
  const ForwardOptions& options_;
  const bool through_time_;
  std::map<ir::NodeId, torch::Tensor> weights_;
  std::vector<Value> values_;
  ir::NodeId id_ = 0;
};

}  // namespace

torch::Tensor Network::forward(const torch::Tensor& images, const ForwardOptions& options) {
  return Pass(*this, options).run(images);
}

}  // namespace neurocuda::network
