#include "nir/native/neuron_writer.hpp"

#include "nir/native/arrays.hpp"
#include "nir/native/schema.hpp"

namespace neurocuda::nir::native {
namespace {

using namespace program;

template <class T>
Array reals(const std::vector<T>& values) {
  return {{static_cast<std::int64_t>(values.size())}, values};
}

/// (T', C). Nothing for a layer with one bias for all timesteps.
void add_biases(Tree& metadata, const Tensor<std::int32_t>& by_timestep) {
  if (by_timestep.empty()) return;
  const auto values = by_timestep.values();
  metadata.leaves[key::bias_by_timestep] = {by_timestep.shape(),
                                            std::vector<std::int64_t>(values.begin(), values.end())};
}

Tree& own(nir::Node& node, const char* kind) {
  Tree& metadata = node.metadata.branches[key::space];
  metadata.leaves[key::kind] = Array::scalar(std::string(kind));
  return metadata;
}

nir::Node sum_pool(const Window& window, const char* kind) {
  nir::Node node;
  node.type = "SumPool2d";
  auto& leaves = node.parameters.leaves;
  leaves["kernel_size"] = size_array(window.kernel);
  leaves["stride"] = size_array(window.stride);
  leaves["padding"] = size_array(window.padding);
  // NIR's pools have no dilation and no ceil mode.
  auto& more = own(node, kind).leaves;
  more[key::dilation] = size_array(window.dilation);
  if (window.ceil_mode) more[key::ceil_mode] = Array::scalar(std::int64_t{1});
  return node;
}

struct PrimitiveOf {
  const Shape& shape;

  nir::Node operator()(const InputNode& input) const {
    nir::Node node;
    node.type = "Input";
    node.parameters.leaves["shape"] = integer_array(shape);
    auto& leaves = own(node, kind::input).leaves;
    const bool constant = input.encoding == InputEncoding::constant_current;
    leaves[key::encoding] = Array::scalar(std::string(constant ? value::constant_current : value::spike_train));
    leaves[key::bits] = Array::scalar(std::int64_t{input.bits});
    leaves[key::scale] = reals(input.scale);
    if (!input.mean.empty()) leaves[key::mean] = reals(input.mean);
    if (!input.stddev.empty()) leaves[key::stddev] = reals(input.stddev);
    return node;
  }

  nir::Node operator()(const IfLayer& layer) const {
    nir::Node node;
    node.type = "IF";
    const std::vector<std::int64_t> theta(layer.theta.begin(), layer.theta.end());
    const std::vector<std::int64_t> ones(layer.theta.size(), 1);
    node.parameters.leaves["v_threshold"] = real_array(shape, spread(theta, shape));
    node.parameters.leaves["r"] = real_array(shape, spread(ones, shape));
    Tree& metadata = own(node, kind::if_layer);
    metadata.leaves[key::v0] = integer_array(layer.v0);
    metadata.leaves[key::scale] = reals(layer.scale);
    if (layer.neuron == NeuronKind::signed_) {
      metadata.leaves[key::neuron] = Array::scalar(std::string(value::signed_));
    }
    if (layer.density) metadata.leaves[key::density] = Array::scalar(*layer.density);
    add_biases(metadata, layer.bias_by_timestep);
    return node;
  }

  nir::Node operator()(const SumPool& pool) const { return sum_pool(pool.window, kind::sum_pool); }

  nir::Node operator()(const OrPool& pool) const {
    nir::Node node;
    node.type = "Threshold";
    node.parameters.leaves["threshold"] = {shape,
                                           std::vector<float>(static_cast<std::size_t>(element_count(shape)), 0.5F)};
    auto& leaves = own(node, kind::or_pool).leaves;
    if (pool.rule == MaxPoolRule::maximum_of_counts) {
      leaves[key::rule] = Array::scalar(std::string(value::maximum_of_counts));
    }
    if (!pool.takes_minimum.empty()) leaves[key::takes_minimum] = integer_array(pool.takes_minimum);
    return node;
  }

  nir::Node operator()(const Accumulator& accumulator) const {
    nir::Node node;
    node.type = "Output";
    node.parameters.leaves["shape"] = integer_array(shape);
    Tree& metadata = own(node, kind::accumulator);
    metadata.leaves[key::scale] = Array::scalar(accumulator.scale);
    add_biases(metadata, accumulator.bias_by_timestep);
    return node;
  }
};

}  // namespace

nir::Node primitive_of(const program::Node& node) { return std::visit(PrimitiveOf{node.shape}, node.kind); }

nir::Node pool_sum_of(const OrPool& pool) { return sum_pool(pool.window, kind::or_sum); }

nir::Node flatten_of(const Shape& source) {
  nir::Node node;
  node.type = "Flatten";
  auto& leaves = node.parameters.leaves;
  leaves["input_type"] = integer_array(source);
  leaves["start_dim"] = Array::scalar(std::int64_t{0});
  leaves["end_dim"] = Array::scalar(std::int64_t{-1});
  own(node, kind::flatten);
  return node;
}

}  // namespace neurocuda::nir::native
