#include <optional>

#include "neurocuda/base/error.hpp"
#include "neurocuda/base/file.hpp"
#include "neurocuda/ir/analysis.hpp"
#include "neurocuda/onnx/onnx.hpp"
#include "onnx/limits.hpp"
#include "onnx/read/import_model.hpp"
#include "onnx/read/parsed_model.hpp"

namespace neurocuda::onnx {
namespace {

namespace fs = std::filesystem;

/// Runs work(model, constants); errors name the file.
template <class Work>
auto with_model(std::span<const std::uint8_t> bytes, std::string_view origin, std::optional<fs::path> folder,
                const Work& work) {
  try {
    const ParsedModel model(bytes);
    const Budget budget(max_parameter_bytes(static_cast<std::int64_t>(bytes.size())));
    return work(model.proto(), ConstantSource{ExternalData(std::move(folder)), budget});
  } catch (const UnsupportedOperator& error) {
    fail<UnsupportedOperator>("{}: {}", origin, error.what());
  } catch (const UserError& error) {
    fail("{}: {}", origin, error.what());
  }
}

Reading import_valid(const proto::ModelProto& model, ConstantSource constants) {
  Reading reading = import_model(model, std::move(constants));
  ir::validate(reading.graph);
  return reading;
}

fs::path folder_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

}  // namespace

ir::Graph parse(std::span<const std::uint8_t> bytes, std::string_view origin) {
  return with_model(bytes, origin, std::nullopt, import_valid).graph;
}

Reading read_with_notes(const fs::path& path) {
  return with_model(read_file(path, kMaxFileBytes), path.string(), folder_of(path), import_valid);
}

ir::Graph read(const fs::path& path) { return read_with_notes(path).graph; }

std::vector<Refusal> find_refusals(const fs::path& path) {
  return with_model(read_file(path, kMaxFileBytes), path.string(), folder_of(path), refusals_of);
}

}  // namespace neurocuda::onnx
