#include "onnx/read/model_importer.hpp"

#include "neurocuda/base/error.hpp"
#include "neurocuda/ir/analysis.hpp"
#include "onnx/read/names.hpp"

namespace neurocuda::onnx {

ModelImporter::ModelImporter(const proto::GraphProto& source, const std::vector<const proto::NodeProto*>& nodes,
                             std::int64_t parameter_bytes)
    : parameter_bytes_(parameter_bytes) {
  for (const auto& constant : source.initializer()) bind(constant.name(), &constant);
  for (const auto& output : source.output()) {
    output_ = output.name();
    ++readers_[output_];
  }
  for (const proto::NodeProto* node : nodes) {
    for (const std::string& input : node->input()) ++readers_[input];
  }
}

ir::NodeId ModelImporter::add(const std::string& base, ir::Operator op, std::vector<ir::NodeId> inputs) {
  // The count is remembered, so that a file in which every node has one name does not cost quadratic time.
  int& count = name_counts_[base];
  std::string name;
  do {
    ++count;
    name = count == 1 ? base : fmt::format("{}_{}", base, count);
  } while (graph_.contains(name));
  return graph_.add(std::move(name), std::move(op), std::move(inputs));
}

const Shape& ModelImporter::shape(ir::NodeId id) {
  ir::infer_more_shapes(graph_, shapes_);
  return shapes_[id];
}

Value ModelImporter::value(std::string_view name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) fail("value '{}' has no source; export the model again", printable(name));
  return found->second;
}

int ModelImporter::readers(std::string_view name) const {
  const auto found = readers_.find(name);
  return found == readers_.end() ? 0 : found->second;
}

void ModelImporter::charge(std::int64_t bytes) {
  parameter_bytes_ -= bytes;
  if (parameter_bytes_ < 0) {
    fail("its nodes share constants so often that the parameters would be far larger than the file; unshare them");
  }
}

}  // namespace neurocuda::onnx
