#pragma once

#include <string_view>
#include <unordered_map>
#include <vector>

#include "onnx/proto.hpp"

namespace neurocuda::onnx {

/// Who reads the values of a file. The ONNX graph must outlive it.
class Uses {
 public:
  using Nodes = std::vector<const proto::NodeProto*>;

  /// `nodes`: those that are imported.
  Uses(const proto::GraphProto& graph, const Nodes& nodes);

  /// The nodes that read the value, in their order; one that reads it twice stands twice.
  const Nodes& readers(std::string_view value) const;
  /// How often nodes and the graph's outputs read the value.
  std::size_t count(std::string_view value) const { return readers(value).size() + (is_output(value) ? 1 : 0); }
  bool is_output(std::string_view value) const { return value == output_; }

 private:
  std::unordered_map<std::string_view, Nodes> readers_;
  std::string_view output_;
};

}  // namespace neurocuda::onnx
