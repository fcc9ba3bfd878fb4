#include "training/architectures/builder.hpp"

#include <cmath>

namespace neurocuda::training {

Builder::Builder(std::string_view name, const ArchitectureOptions& options)
    : random_(options.seed), classes_(options.classes) {
  graph_.name = name;
  input_ = {graph_.add("input", ir::Input{options.image_shape, options.normalization}), options.image_shape.at(0)};
}

Tensor<float> Builder::he_normal(Shape shape, std::int64_t fan_out) {
  Tensor<float> weight(std::move(shape));
  const double stddev = std::sqrt(2.0 / static_cast<double>(fan_out));
  for (float& value : weight.values()) value = static_cast<float>(random_.normal() * stddev);
  return weight;
}

Builder::Value Builder::conv(const std::string& name, Value x, std::int64_t channels, std::int64_t kernel,
                             std::int64_t stride) {
  ir::Conv2d conv;
  conv.weight = he_normal({channels, x.channels, kernel, kernel}, channels * kernel * kernel);
  conv.window = {{kernel, kernel}, {stride, stride}, {kernel / 2, kernel / 2}, {1, 1}};
  return {graph_.add(name, std::move(conv), {x.id}), channels};
}

Builder::Value Builder::batch_norm(const std::string& name, Value x) {
  const Shape shape{x.channels};
  const Tensor<float> zeros(shape, 0.0F), ones(shape, 1.0F);
  return {graph_.add(name, ir::BatchNorm2d{ones, zeros, zeros, ones, 1e-5F}, {x.id}), x.channels};
}

Builder::Value Builder::relu(const std::string& name, Value x) {
  return {graph_.add(name, ir::ReLU{}, {x.id}), x.channels};
}

Builder::Value Builder::add(const std::string& name, Value a, Value b) {
  return {graph_.add(name, ir::Add{}, {a.id, b.id}), a.channels};
}

Builder::Value Builder::avg_pool(const std::string& name, Value x, std::int64_t kernel) {
  return {graph_.add(name, ir::AvgPool2d{{{kernel, kernel}, {kernel, kernel}, {0, 0}, {1, 1}}}, {x.id}), x.channels};
}

Builder::Value Builder::conv_bn_relu(const std::string& name, Value x, std::int64_t channels, std::int64_t kernel,
                                     std::int64_t stride) {
  return relu(name + ".relu", batch_norm(name + ".bn", conv(name, x, channels, kernel, stride)));
}

Builder::Value Builder::flatten(Value x, std::int64_t values) {
  return {graph_.add("flatten", ir::Flatten{}, {x.id}), values};
}

Builder::Value Builder::linear_bn_relu(const std::string& name, Value x, std::int64_t features) {
  ir::Linear linear;
  linear.weight = he_normal({features, x.channels}, features);
  const Value y{graph_.add(name, std::move(linear), {x.id}), features};
  return relu(name + ".relu", batch_norm(name + ".bn", y));
}

Builder::Value Builder::basic_block(const std::string& name, Value x, std::int64_t channels, std::int64_t stride) {
  Value y = conv_bn_relu(name + ".conv1", x, channels, 3, stride);
  y = batch_norm(name + ".conv2.bn", conv(name + ".conv2", y, channels, 3, 1));
  const bool identity = stride == 1 && x.channels == channels;
  const Value skip = identity ? x : batch_norm(name + ".skip.bn", conv(name + ".skip", x, channels, 1, stride));
  return relu(name + ".relu", add(name + ".add", y, skip));
}

ir::Graph Builder::linear_and_output(ir::NodeId features, std::int64_t inputs) {
  ir::Linear linear;
  linear.weight = he_normal({classes_, inputs}, inputs);
  linear.bias = Tensor<float>({classes_});
  graph_.add("output", ir::Output{}, {graph_.add("fc", std::move(linear), {features})});
  return std::move(graph_);
}

ir::Graph Builder::classifier(Value x) {
  const auto pooled = graph_.add("pool", ir::GlobalAvgPool{}, {x.id});
  return linear_and_output(graph_.add("flatten", ir::Flatten{}, {pooled}), x.channels);
}

ir::Graph Builder::flat_output(Value x) { return linear_and_output(x.id, x.channels); }

ir::Graph Builder::flat_classifier(Value x, std::int64_t positions) {
  return linear_and_output(graph_.add("flatten", ir::Flatten{}, {x.id}), x.channels * positions);
}

}  // namespace neurocuda::training
