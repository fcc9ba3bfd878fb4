#include "onnx/read/model_importer.hpp"

#include <algorithm>

#include "neurocuda/base/error.hpp"
#include "neurocuda/ir/analysis.hpp"
#include "onnx/read/names.hpp"

namespace neurocuda::onnx {

ModelImporter::ModelImporter(const proto::ModelProto& source, const Uses::Nodes& nodes, ConstantSource constants)
    : uses_(source.graph(), nodes), constants_(std::move(constants)) {
  for (const auto& opset : source.opset_import()) {
    if (opset.domain().empty() || opset.domain() == "ai.onnx") opset_ = opset.version();
  }
  for (const auto& constant : source.graph().initializer()) bind(constant.name(), ConstantRef(&constant));
}

ir::NodeId ModelImporter::add(const std::string& base, ir::Operator op, std::vector<ir::NodeId> inputs) {
  // The count is remembered, so that a file in which every node has one name does not cost quadratic time.
  int& count = name_counts_[base];
  std::string name;
  do {
    ++count;
    name = count == 1 ? base : fmt::format("{}_{}", base, count);
  } while (graph_.contains(name));
  never_negative_.push_back(cannot_be_negative(op, inputs));
  return graph_.add(std::move(name), std::move(op), std::move(inputs));
}

bool ModelImporter::cannot_be_negative(const ir::Operator& op, const std::vector<ir::NodeId>& inputs) const {
  const auto is = [&]<class... Kinds>() { return (std::holds_alternative<Kinds>(op) || ...); };
  if (is.template operator()<ir::ReLU, ir::QCFS>()) return true;
  if (!is.template operator()<ir::Add, ir::Concat, ir::Slice, ir::AvgPool2d, ir::GlobalAvgPool, ir::MaxPool2d,
                              ir::Flatten, ir::Identity, ir::Dropout>()) {
    return false;
  }
  return std::ranges::all_of(inputs, [&](ir::NodeId input) { return never_negative_[input]; });
}

const Shape& ModelImporter::shape(ir::NodeId id) {
  ir::infer_more_shapes(graph_, shapes_);
  return shapes_[id];
}

const Value& ModelImporter::value(std::string_view name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) fail("value '{}' has no source; export the model again", printable(name));
  return found->second;
}

SharedConstant ModelImporter::load(const ConstantRef& constant) {
  if (const auto* computed = std::get_if<SharedConstant>(&constant)) return *computed;
  return std::make_shared<const Constant>(read_constant(*std::get<const proto::TensorProto*>(constant), constants_));
}

Constant ModelImporter::copy(const ConstantRef& constant) {
  if (const auto* stored = std::get_if<const proto::TensorProto*>(&constant))
    return read_constant(**stored, constants_);
  const Constant& computed = *std::get<SharedConstant>(constant);
  charge(computed.size() * static_cast<std::int64_t>(computed.is_real() ? sizeof(float) : sizeof(std::int64_t)));
  return computed;
}

Constant ModelImporter::copy_as_real(const ConstantRef& constant) {
  if (const auto* stored = std::get_if<const proto::TensorProto*>(&constant))
    return read_constant(**stored, constants_, true);
  const Constant& computed = *std::get<SharedConstant>(constant);
  charge(computed.size() * static_cast<std::int64_t>(sizeof(float)));
  if (computed.is_real()) return computed;
  const Constant::Integers& integers = computed.integers();
  return {computed.shape, computed.type, Constant::Reals(integers.begin(), integers.end())};
}

void ModelImporter::note(const std::string& text) {
  if (std::ranges::find(notes_, text) == notes_.end()) notes_.push_back(text);
}

}  // namespace neurocuda::onnx
