#pragma once

#include <string>

#include "neurocuda/base/random.hpp"
#include "neurocuda/ir/graph.hpp"
#include "neurocuda/training/architectures.hpp"

namespace neurocuda::training {

/// Adds layers to a graph with He-initialised weights, keeping track of channels.
class Builder {
 public:
  Builder(std::string_view name, const ArchitectureOptions& options);

  /// A value in the graph and its number of channels.
  struct Value {
    ir::NodeId id = 0;
    std::int64_t channels = 0;
  };

  Value input() const { return input_; }
  Value conv(const std::string& name, Value x, std::int64_t channels, std::int64_t kernel, std::int64_t stride);
  Value batch_norm(const std::string& name, Value x);
  Value relu(const std::string& name, Value x);
  Value add(const std::string& name, Value a, Value b);
  Value avg_pool(const std::string& name, Value x, std::int64_t kernel);
  /// conv + batch norm + ReLU, named <name>, <name>.bn, <name>.relu.
  Value conv_bn_relu(const std::string& name, Value x, std::int64_t channels, std::int64_t kernel = 3,
                     std::int64_t stride = 1);
  Value flatten(Value x, std::int64_t values);
  /// linear + batch norm + ReLU, of a flat value, named like conv_bn_relu.
  Value linear_bn_relu(const std::string& name, Value x, std::int64_t features);
  /// Two 3x3 convolutions with a skip; a 1x1 projection where the shape changes; ReLU after the add (He et al. 2016,
  /// fig. 2 left).
  Value basic_block(const std::string& name, Value x, std::int64_t channels, std::int64_t stride);
  /// Global average pool, flatten, linear, output.
  ir::Graph classifier(Value x);
  /// Linear, output: of a flat value.
  ir::Graph flat_output(Value x);
  /// Flatten, linear, output: for maps of `positions` pixels.
  ir::Graph flat_classifier(Value x, std::int64_t positions);

 private:
  Tensor<float> he_normal(Shape shape, std::int64_t fan_out);
  ir::Graph linear_and_output(ir::NodeId features, std::int64_t inputs);

  ir::Graph graph_;
  Random random_;
  std::int64_t classes_;
  Value input_;
};

}  // namespace neurocuda::training
