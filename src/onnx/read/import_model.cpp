#include "onnx/read/import_model.hpp"

#include <algorithm>
#include <set>
#include <unordered_set>

#include "neurocuda/base/error.hpp"
#include "onnx/limits.hpp"
#include "onnx/read/fold/folders.hpp"
#include "onnx/read/import_input.hpp"
#include "onnx/read/importers.hpp"
#include "onnx/read/node_order.hpp"
#include "onnx/read/prune.hpp"
#include "onnx/read/refused.hpp"
#include "onnx/read/remedies.hpp"

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

/// The nodes to import, once the file as a whole is in order.
Uses::Nodes checked_nodes(const proto::ModelProto& model) {
  const proto::GraphProto& source = model.graph();
  check_opset(model);
  check_constants(source);
  if (source.node_size() > kMaxNodes) fail("has {} nodes, more than the {} supported", source.node_size(), kMaxNodes);
  if (source.output_size() != 1) {
    fail("has {} outputs; only networks with one output, the logits, are supported", source.output_size());
  }
  return evaluation_order(source);
}

/// Outputs behind the first (a dropout's mask, a pool's indices) may be there as long as nothing reads them.
void check_outputs(const NodeImporter& node) {
  const auto& outputs = node.node().output();
  const bool several = node.node().op_type() == "Split";
  if (outputs.empty() || (outputs[0].empty() && !several))
    node.malformed("has no first output; export the model again");
  for (int i = 1; i < outputs.size() && !several; ++i) {
    if (node.model().uses().count(outputs[i]) > 0 && !outputs[i].empty()) {
      node.refuse(
          fmt::format("its output {} '{}' is used; only the first output is supported", i, printable(outputs[i])),
          "leave out what reads it");
    }
  }
}

void import_node(const proto::NodeProto& proto, ModelImporter& importer) {
  NodeImporter node(proto, importer);
  const Folder fold = find_folder(proto.domain(), proto.op_type());
  const Importer import = find_importer(proto.domain(), proto.op_type());
  const bool computed = fold != nullptr && node.all_constant();
  if (!computed && import == nullptr) {
    const auto [reason, remedy] = advice(proto, importer.uses());
    node.refuse(reason, remedy);
  }
  check_outputs(node);
  computed ? fold(node) : import(node);
  if (const auto unread = node.attributes.unread())
    node.refuse(fmt::format("attribute '{}' is not supported", printable(*unread)), "export the model with opset 13");
}

void import_output(const proto::GraphProto& source, ModelImporter& importer) {
  const std::string& name = source.output(0).name();
  const Value& value = importer.value(name);
  if (std::holds_alternative<ConstantRef>(value))
    fail("output '{}' is a constant; export the model again", printable(name));
  const auto& found = std::get<Activation>(value);
  if (!in_ir_order(found.layout)) {
    fail<UnsupportedOperator>("output '{}' has the axes {} of (N, C, H, W); export the logits, (N, classes)",
                              printable(name), describe(found.layout));
  }
  importer.add(printable(name), ir::Output{}, {found.node});
}

/// What a refused node's value is taken for, so that the nodes behind it can be judged: most of them keep the axes.
Value stand_in(const proto::NodeProto& node, const ModelImporter& importer) {
  static const std::set<std::string_view> changes_axes = {"Conv",   "ConvTranspose", "Gemm",     "MatMul",
                                                          "Einsum", "Resize",        "Upsample", "ArgMax",
                                                          "TopK",   "Attention",     "Where",    "If"};
  if (changes_axes.contains(node.op_type())) return Unknown{};
  for (const std::string& input : node.input()) {
    if (input.empty()) continue;
    if (const auto* found = std::get_if<Activation>(&importer.value(input))) {
      Activation same = *found;
      same.shared = true;
      same.last = false;
      return same;
    }
  }
  return Unknown{};
}

/// Imports one node; a refusal goes to the list. False when reading cannot go on.
bool judge(const proto::NodeProto& node, ModelImporter& importer, std::vector<Refusal>& refusals) {
  const auto bind_all = [&](const Value& value) {
    for (const std::string& output : node.output()) importer.bind(output, value);
  };
  try {
    import_node(node, importer);
  } catch (const Refused& refused) {
    refusals.push_back(refused.parts());
    bind_all(stand_in(node, importer));
  } catch (const ReadsUnknown&) {
    bind_all(Unknown{});
  } catch (const UserError& error) {
    refusals.push_back({display_name(node), operator_name(node), "", error.what(), ""});
    return false;
  }
  return true;
}

}  // namespace

Reading import_model(const proto::ModelProto& model, ConstantSource constants) {
  const proto::GraphProto& source = model.graph();
  const Uses::Nodes nodes = checked_nodes(model);
  ModelImporter importer(model, nodes, std::move(constants));
  import_input(model, importer);
  for (const proto::NodeProto* node : nodes) import_node(*node, importer);
  import_output(source, importer);
  ir::Graph graph = prune(importer.take_graph());
  if (!source.name().empty()) graph.name = printable(source.name());
  return {std::move(graph), importer.take_notes()};
}

std::vector<Refusal> refusals_of(const proto::ModelProto& model, ConstantSource constants) {
  const Uses::Nodes nodes = checked_nodes(model);
  ModelImporter importer(model, nodes, std::move(constants));
  import_input(model, importer);
  std::vector<Refusal> refusals;
  for (const proto::NodeProto* node : nodes) {
    if (!judge(*node, importer, refusals)) break;
  }
  return refusals;
}

}  // namespace neurocuda::onnx
