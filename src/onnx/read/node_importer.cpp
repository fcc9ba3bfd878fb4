#include "onnx/read/node_importer.hpp"

#include <algorithm>

#include "onnx/read/refused.hpp"
#include "onnx/read/source_line.hpp"
#include "onnx/read/tensors.hpp"

namespace neurocuda::onnx {
namespace {

constexpr std::int64_t kMostIntegers = 64;

}  // namespace

std::string NodeImporter::free_name(const proto::NodeProto& node, const ModelImporter& model) {
  std::string name = display_name(node);
  // The Output node is to have the name of the graph's output, which a node that writes it often has too.
  return model.uses().is_output(name) ? name + "_" + operator_name(node) : name;
}

void NodeImporter::refuse(std::string reason, std::string remedy) const {
  const std::string line = source_line(node_);
  const std::string where = line.empty() ? label(node_) : fmt::format("{} ({})", label(node_), line);
  throw Refused(where, {display_name(node_), operator_name(node_), line, std::move(reason), std::move(remedy)});
}

const Value& NodeImporter::value(int i) const {
  if (!has_input(i)) malformed("has no input {}; export the model again", i);
  const Value& found = model_.value(node_.input(i));
  if (std::holds_alternative<Unknown>(found)) throw ReadsUnknown{};
  return found;
}

bool NodeImporter::is_constant(int i) const { return std::holds_alternative<ConstantRef>(value(i)); }

bool NodeImporter::all_constant() const {
  bool any = false;
  for (int i = 0; i < inputs(); ++i) {
    if (!has_input(i)) continue;
    if (!std::holds_alternative<ConstantRef>(model_.value(node_.input(i)))) return false;
    any = true;
  }
  return any;
}

Activation NodeImporter::movable(int i) const {
  const auto* found = std::get_if<Activation>(&value(i));
  if (found == nullptr) {
    refuse(fmt::format("its input {} '{}' is a constant, not the value of a layer", i, printable(node_.input(i))),
           "give it the value of a layer, or leave it out");
  }
  Activation activation = *found;
  activation.shared = activation.shared || model_.uses().count(node_.input(i)) > 1;
  return activation;
}

Activation NodeImporter::activation(int i) const {
  Activation found = movable(i);
  if (found.last) refuse("stands behind a softmax, which is only left out at the end", "export the logits");
  return found;
}

const ConstantRef& NodeImporter::constant_ref(int i) const {
  const auto* found = std::get_if<ConstantRef>(&value(i));
  if (found == nullptr) {
    refuse(fmt::format("its input {} '{}' is computed from the image; it must be a constant", i,
                       printable(node_.input(i))),
           "store it as an initialiser");
  }
  return *found;
}

Tensor<float> NodeImporter::parameters(int i) {
  Constant constant = model_.copy(constant_ref(i));
  if (!constant.is_real()) {
    fail("constant '{}' has element type {}; export the model in float32", printable(node_.input(i)),
         type_name(constant.type));
  }
  if (constant.size() == 0) {
    fail("constant '{}' is empty, shape {}; export the model again", printable(node_.input(i)),
         to_string(constant.shape));
  }
  return {std::move(constant.shape), std::get<Constant::Reals>(std::move(constant.values))};
}

std::optional<Tensor<float>> NodeImporter::optional_parameters(int i) {
  if (!has_input(i)) return std::nullopt;
  return parameters(i);
}

std::vector<std::int64_t> NodeImporter::integers(int i) const {
  const SharedConstant list = constant(i);
  if (list->is_real()) {
    fail("constant '{}' has element type {}, not integer; export the model again", printable(node_.input(i)),
         type_name(list->type));
  }
  if (list->size() > kMostIntegers) {
    fail("constant '{}' has more than the {} integers that a shape or a list of axes may have",
         printable(node_.input(i)), kMostIntegers);
  }
  return list->integers();
}

std::optional<std::vector<std::int64_t>> NodeImporter::integers(const char* attribute, int i) {
  if (auto found = attributes.integers(attribute)) return found;
  if (!has_input(i)) return std::nullopt;
  return integers(i);
}

void NodeImporter::charge(const Shape& shape, std::size_t element) {
  try {
    model_.charge(element_count(shape) * static_cast<std::int64_t>(element));
  } catch (const UserError& error) {
    malformed("makes {}: {}", to_string(shape), error.what());
  }
}

void NodeImporter::produce(ir::Operator op, std::vector<ir::NodeId> inputs, Layout layout) {
  const ir::NodeId made = model_.add(name_, std::move(op), std::move(inputs));
  name_ += "_flatten";  // should one be needed behind it
  bind({made, without_units(std::move(layout), shape(made))});
}

void NodeImporter::bind(int output, Activation value) {
  const bool features = value.layout.size() == 2 && value.layout[0] == AxisGroup{Axis::batch};
  if (features && shape(value).size() == 3 && in_ir_order(value.layout)) {
    value.node = model_.add(name_, ir::Flatten{}, {value.node});
    value.shared = false;
    value.layout = plain_layout(2, shape(value));
  }
  model_.bind(node_.output(output), Value(std::move(value)));
}

}  // namespace neurocuda::onnx
