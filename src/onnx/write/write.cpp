#include "neurocuda/base/error.hpp"
#include "neurocuda/base/file.hpp"
#include "neurocuda/ir/analysis.hpp"
#include "neurocuda/onnx/onnx.hpp"
#include "onnx/limits.hpp"
#include "onnx/write/export_model.hpp"

namespace neurocuda::onnx {

std::string serialize(const ir::Graph& graph) {
  ir::validate(graph);
  const proto::ModelProto model = export_model(graph);
  const std::size_t bytes = model.ByteSizeLong();
  if (bytes > static_cast<std::size_t>(kMaxFileBytes)) {
    fail("network '{}' takes {} bytes as ONNX, more than the {} supported; use fewer parameters", graph.name, bytes,
         kMaxFileBytes);
  }
  std::string text;  // ONNX messages have no map fields: equal messages have equal bytes
  ensure(model.SerializeToString(&text), "an ONNX message could not be serialised");
  return text;
}

void write(const ir::Graph& graph, const std::filesystem::path& path) { write_file(path, serialize(graph)); }

}  // namespace neurocuda::onnx
