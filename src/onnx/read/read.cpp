#include "neurocuda/base/error.hpp"
#include "neurocuda/base/file.hpp"
#include "neurocuda/ir/analysis.hpp"
#include "neurocuda/onnx/onnx.hpp"
#include "onnx/limits.hpp"
#include "onnx/read/import_model.hpp"
#include "onnx/read/parsed_model.hpp"

namespace neurocuda::onnx {

ir::Graph parse(std::span<const std::uint8_t> bytes, std::string_view origin) {
  try {
    const ParsedModel model(bytes);
    ir::Graph graph = import_model(model.proto(), static_cast<std::int64_t>(bytes.size()));
    ir::validate(graph);
    return graph;
  } catch (const UnsupportedOperator& error) {
    fail<UnsupportedOperator>("{}: {}", origin, error.what());
  } catch (const UserError& error) {
    fail("{}: {}", origin, error.what());
  }
}

ir::Graph read(const std::filesystem::path& path) { return parse(read_file(path, kMaxFileBytes), path.string()); }

}  // namespace neurocuda::onnx
