#include "onnx/read/import_model.hpp"

#include <unordered_set>

#include "neurocuda/base/error.hpp"
#include "onnx/limits.hpp"
#include "onnx/metadata.hpp"
#include "onnx/read/importers.hpp"
#include "onnx/read/node_order.hpp"

namespace neurocuda::onnx {
namespace {

/// Before opset 7 operators broadcast by attributes. Newer opsets than those known today are accepted: what changes in
/// an operator shows as an attribute or input that its importer does not know.
void check_opset(const proto::ModelProto& model) {
  for (const auto& opset : model.opset_import()) {
    if (!opset.domain().empty() && opset.domain() != "ai.onnx") continue;
    if (opset.version() >= 7) return;
    fail("uses opset {}; export the model with opset 13", opset.version());
  }
  fail("does not say which opset it uses; export the model with opset 13");
}

void check_constants(const proto::GraphProto& graph) {
  if (graph.sparse_initializer_size() > 0) fail("has sparse initialisers; store them as dense tensors");
  std::unordered_set<std::string_view> names;
  for (const auto& constant : graph.initializer()) {
    if (!names.insert(constant.name()).second) {
      fail("has two initialisers '{}'; export the model again", printable(constant.name()));
    }
  }
}

/// Older files list the initialisers among the inputs.
const proto::ValueInfoProto& only_input(const proto::GraphProto& graph) {
  std::unordered_set<std::string_view> constants;
  for (const auto& constant : graph.initializer()) constants.insert(constant.name());
  const proto::ValueInfoProto* found = nullptr;
  for (const auto& input : graph.input()) {
    if (constants.contains(input.name())) continue;
    if (found != nullptr) {
      fail("has the inputs '{}' and '{}'; only networks with one input are supported", printable(found->name()),
           printable(input.name()));
    }
    found = &input;
  }
  if (found == nullptr) fail("has no input; export the model with the image as its input");
  return *found;
}

std::string print_shape(const proto::TensorShapeProto& shape) {
  std::string text;
  for (const auto& dim : shape.dim()) {
    text += text.empty() ? "" : ", ";
    text += dim.has_dim_value()       ? std::to_string(dim.dim_value())
            : dim.dim_param().empty() ? "?"
                                      : printable(dim.dim_param());
    if (text.size() > 100) return text + ", ...";
  }
  return text;
}

/// (C, H, W) or (features,): the extents behind the batch axis, which all must be numbers.
Shape input_shape(const proto::ValueInfoProto& input) {
  const auto& type = input.type().tensor_type();
  const std::string name = printable(input.name());
  if (type.elem_type() != proto::TensorProto::FLOAT) {
    fail("input '{}' is not a float32 tensor; export the model in float32", name);
  }
  const auto& shape = type.shape();
  bool fits = shape.dim_size() == 4 || shape.dim_size() == 2;
  Shape extents;
  for (int axis = 1; fits && axis < shape.dim_size(); ++axis) {
    extents.push_back(shape.dim(axis).dim_value());
    fits = extents.back() > 0;
  }
  if (!fits) {
    fail("input '{}' has the shape ({}); it must be (N, C, H, W) or (N, C), with numbers for all but N", name,
         print_shape(shape));
  }
  element_count(extents);  // refuses what no memory could hold
  return extents;
}

void import_input(const proto::ModelProto& source, ModelImporter& importer) {
  const proto::ValueInfoProto& input = only_input(source.graph());
  ir::Input op;
  op.shape = input_shape(input);
  op.normalization = read_normalization(source, op.shape[0]);
  if (input.name().empty()) fail("its input has no name; export the model again");
  importer.set_batch(std::max<std::int64_t>(0, input.type().tensor_type().shape().dim(0).dim_value()));
  importer.bind(input.name(), importer.add(printable(input.name()), std::move(op), {}));
}

/// Outputs behind the first (a dropout's mask, a pool's indices) may be there as long as nothing reads them.
void check_outputs(const NodeImporter& node, const ModelImporter& importer) {
  const auto& outputs = node.node().output();
  if (outputs.empty() || outputs[0].empty()) node.malformed("has no first output; export the model again");
  for (int i = 1; i < outputs.size(); ++i) {
    if (importer.readers(outputs[i]) > 0 && !outputs[i].empty()) {
      node.unsupported("its output {} '{}' is used; only the first output is supported", i, printable(outputs[i]));
    }
  }
}

void import_node(const proto::NodeProto& proto, ModelImporter& importer) {
  NodeImporter node(proto, importer);
  const Importer import = find_importer(proto.domain(), proto.op_type());
  if (import == nullptr) node.unsupported("this operator is not supported; {}", remedy(proto.op_type()));
  check_outputs(node, importer);
  import(node);
  node.attributes.check_all_read();
}

void import_output(const proto::GraphProto& source, ModelImporter& importer) {
  const std::string& name = source.output(0).name();
  const Value value = importer.value(name);
  const auto* id = std::get_if<ir::NodeId>(&value);
  if (id == nullptr) fail("output '{}' is a constant; export the model again", printable(name));
  importer.add(printable(name), ir::Output{}, {*id});
}

}  // namespace

ir::Graph import_model(const proto::ModelProto& model, std::int64_t file_bytes) {
  const proto::GraphProto& source = model.graph();
  check_opset(model);
  check_constants(source);
  if (source.node_size() > kMaxNodes) fail("has {} nodes, more than the {} supported", source.node_size(), kMaxNodes);
  if (source.output_size() != 1) {
    fail("has {} outputs; only networks with one output, the logits, are supported", source.output_size());
  }
  const std::vector<const proto::NodeProto*> nodes = evaluation_order(source);
  ModelImporter importer(source, nodes, max_parameter_bytes(file_bytes));
  import_input(model, importer);
  for (const proto::NodeProto* node : nodes) import_node(*node, importer);
  import_output(source, importer);
  ir::Graph graph = importer.take_graph();
  if (!source.name().empty()) graph.name = printable(source.name());
  return graph;
}

}  // namespace neurocuda::onnx
