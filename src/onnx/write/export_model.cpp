#include "onnx/write/export_model.hpp"

#include <algorithm>

#include "neurocuda/base/error.hpp"
#include "neurocuda/ir/analysis.hpp"
#include "onnx/metadata.hpp"
#include "onnx/qcfs_function.hpp"
#include "onnx/write/model_builder.hpp"

namespace neurocuda::onnx {
namespace {

Tensor<float> over_positions(const Tensor<float>& per_channel) {
  const auto values = per_channel.values();
  return {Shape{per_channel.size(), 1, 1}, {values.begin(), values.end()}};
}

/// One graph node as ONNX; a call operator per operator.
struct NodeExporter {
  ModelBuilder& builder;
  const ir::Graph& graph;
  ir::NodeId id;
  std::size_t rank;  ///< of the node's value, without the batch axis

  proto::NodeProto& plain(const char* op_type) const { return builder.add_node(id, op_type); }

  static void add_window(proto::NodeProto& node, const Window& window) {
    const Size2 padding = window.padding;
    add_integers(node, "kernel_shape", {window.kernel.height, window.kernel.width});
    add_integers(node, "strides", {window.stride.height, window.stride.width});
    add_integers(node, "pads", {padding.height, padding.width, padding.height, padding.width});
  }

  void add_bias(proto::NodeProto& node, const std::optional<Tensor<float>>& bias) const {
    if (bias) builder.add_parameter(node, "bias", *bias);
  }

  void operator()(const ir::Conv2d& op) const {
    proto::NodeProto& node = plain("Conv");
    builder.add_parameter(node, "weight", op.weight);
    add_bias(node, op.bias);
    add_window(node, op.window);
    add_integers(node, "dilations", {op.window.dilation.height, op.window.dilation.width});
    add_integer(node, "group", op.groups);
  }

  void operator()(const ir::Linear& op) const {
    proto::NodeProto& node = plain("Gemm");
    builder.add_parameter(node, "weight", op.weight);
    add_bias(node, op.bias);
    add_integer(node, "transB", 1);
  }

  void operator()(const ir::BatchNorm2d& op) const {
    proto::NodeProto& node = plain("BatchNormalization");
    builder.add_parameter(node, "weight", op.gamma);
    builder.add_parameter(node, "bias", op.beta);
    builder.add_parameter(node, "running_mean", op.mean);
    builder.add_parameter(node, "running_var", op.variance);
    add_real(node, "epsilon", op.epsilon);
  }

  void operator()(const ir::Concat&) const { add_integer(plain("Concat"), "axis", 1); }

  void operator()(const ir::Slice& op) const {
    proto::NodeProto& node = plain("Slice");
    builder.add_integers_parameter(node, "starts", {op.begin});
    builder.add_integers_parameter(node, "ends", {op.begin + op.count});
    builder.add_integers_parameter(node, "axes", {1});
  }

  void operator()(const ir::AvgPool2d& op) const {
    proto::NodeProto& node = plain("AveragePool");
    add_window(node, op.window);
    add_integer(node, "count_include_pad", 1);
  }

  void operator()(const ir::QCFS& op) const {
    proto::NodeProto& node = plain(kQcfsOperator);
    node.set_domain(kQcfsDomain);
    // One lambda per channel, broadcast over the positions.
    builder.add_parameter(node, "lambda", rank == 3 ? over_positions(op.lambda) : op.lambda);
    add_real(node, "levels", static_cast<float>(op.levels));
  }

  void operator()(const ir::Dropout& op) const {
    builder.add_parameter(plain("Dropout"), "ratio", Tensor<float>(Shape{}, {op.rate}));
  }

  /// An Output that reads the Input needs a node between: a value has one name only.
  void operator()(const ir::Output&) const {
    const ir::NodeId read = graph.node(id).inputs[0];
    if (read != graph.input()) return;
    proto::NodeProto& node = plain("Identity");
    node.set_name(builder.free_name(graph.node(id).name + "_identity"));
  }

  void operator()(const ir::Input&) const {}
  /// ONNX has no minimum: it is the maximum of the negative.
  void operator()(const ir::MaxPool2d& op) const {
    if (op.takes_minimum.empty()) return add_pool(plain("MaxPool"), op);
    std::vector<float> signs;
    for (const std::uint8_t least : op.takes_minimum) signs.push_back(least != 0 ? -1.0F : 1.0F);
    const Tensor<float> sign({static_cast<std::int64_t>(signs.size()), 1, 1}, signs);
    proto::NodeProto& turned = builder.add_helper(id, "Mul", builder.value_name(graph.node(id).inputs[0]));
    builder.add_parameter(turned, "sign", sign);
    proto::NodeProto& pool = builder.add_helper(id, "MaxPool", turned.output(0));
    add_pool(pool, op);
    proto::NodeProto& back = plain("Mul");
    back.set_input(0, pool.output(0));
    builder.add_parameter(back, "sign", sign);
  }
  static void add_pool(proto::NodeProto& node, const ir::MaxPool2d& op) {
    add_window(node, op.window);
    if (op.window.dilation != Size2{1, 1})
      add_integers(node, "dilations", {op.window.dilation.height, op.window.dilation.width});
    if (op.window.ceil_mode) add_integer(node, "ceil_mode", 1);
  }
  void operator()(const ir::Flatten&) const { add_integer(plain("Flatten"), "axis", 1); }
  void operator()(const ir::ReLU& op) const {
    if (!op.capped()) {
      plain("Relu");
      return;
    }
    proto::NodeProto& node = plain("Clip");
    builder.add_parameter(node, "min", Tensor<float>(Shape{}, {0.0F}));
    builder.add_parameter(node, "max", Tensor<float>(Shape{}, {op.cap}));
  }
  void operator()(const ir::Add&) const { plain("Add"); }
  void operator()(const ir::GlobalAvgPool&) const { plain("GlobalAveragePool"); }
  void operator()(const ir::Identity&) const { plain("Identity"); }
  void operator()(const ir::IF&) const { refuse(); }

  [[noreturn]] void refuse() const {
    fail<UnsupportedOperator>("{}: ONNX has no such operator; save the spiking network as a .nir file",
                              ir::label(graph.node(id)));
  }
};

bool has_qcfs(const ir::Graph& graph) {
  return std::any_of(graph.nodes().begin(), graph.nodes().end(),
                     [](const ir::Node& node) { return node.as<ir::QCFS>() != nullptr; });
}

}  // namespace

proto::ModelProto export_model(const ir::Graph& graph) {
  proto::ModelProto model;
  model.set_ir_version(7);
  model.set_producer_name("neurocuda");
  model.add_opset_import()->set_version(13);
  proto::GraphProto& target = *model.mutable_graph();
  target.set_name(graph.name);
  ModelBuilder builder(graph, target);
  const std::vector<Shape> shapes = ir::infer_shapes(graph);
  for (ir::NodeId id = 0; id < graph.size(); ++id)
    std::visit(NodeExporter{builder, graph, id, shapes[id].size()}, graph.node(id).op);
  if (has_qcfs(graph)) define_qcfs(model);
  const ir::NodeId input = graph.input();
  const ir::NodeId output = graph.output();
  set_value_info(*target.add_input(), graph.node(input).name, shapes[input]);
  set_value_info(*target.add_output(), graph.node(output).name, shapes[output]);
  write_normalization(graph.input_operator().normalization, model);
  return model;
}

}  // namespace neurocuda::onnx
