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
  // NIR's pools have no dilation.
  own(node, kind).leaves[key::dilation] = size_array(window.dilation);
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
    auto& leaves = own(node, kind::if_layer).leaves;
    leaves[key::v0] = integer_array(layer.v0);
    leaves[key::scale] = reals(layer.scale);
    return node;
  }

  nir::Node operator()(const SumPool& pool) const { return sum_pool(pool.window, kind::sum_pool); }

  nir::Node operator()(const OrPool&) const {
    nir::Node node;
    node.type = "Threshold";
    node.parameters.leaves["threshold"] = {shape,
                                           std::vector<float>(static_cast<std::size_t>(element_count(shape)), 0.5F)};
    own(node, kind::or_pool);
    return node;
  }

  nir::Node operator()(const Accumulator& accumulator) const {
    nir::Node node;
    node.type = "Output";
    node.parameters.leaves["shape"] = integer_array(shape);
    own(node, kind::accumulator).leaves[key::scale] = Array::scalar(accumulator.scale);
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
