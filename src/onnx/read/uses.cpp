#include "onnx/read/uses.hpp"

namespace neurocuda::onnx {

Uses::Uses(const proto::GraphProto& graph, const Nodes& nodes) {
  for (const auto& output : graph.output()) output_ = output.name();
  for (const proto::NodeProto* node : nodes) {
    for (const std::string& input : node->input()) readers_[input].push_back(node);
  }
}

const Uses::Nodes& Uses::readers(std::string_view value) const {
  static const Nodes none;
  const auto found = readers_.find(value);
  return found == readers_.end() ? none : found->second;
}

}  // namespace neurocuda::onnx
