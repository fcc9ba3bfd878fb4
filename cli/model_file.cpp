#include "cli/model_file.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <string_view>

#include "neurocuda/base/error.hpp"
#include "neurocuda/base/file.hpp"
#include "neurocuda/nir/nir.hpp"
#include "neurocuda/onnx/onnx.hpp"

namespace neurocuda::cli {
namespace {

enum class ModelKind { onnx, nir };

/// The first bytes of every HDF5 file without a user block.
constexpr std::string_view kHdf5Signature = "\x89HDF\r\n\x1a\n";

bool starts_with_hdf5_signature(const std::string& path) {
  std::array<char, kHdf5Signature.size()> head{};
  std::ifstream stream(path, std::ios::binary);
  stream.read(head.data(), head.size());
  return stream.gcount() == static_cast<std::streamsize>(head.size()) &&
         std::string_view(head.data(), head.size()) == kHdf5Signature;
}

ModelKind recognise(const std::string& path) {
  require_regular_file(path);
  if (starts_with_hdf5_signature(path)) return ModelKind::nir;
  const std::string extension = std::filesystem::path(path).extension().string();
  if (extension == ".onnx") return ModelKind::onnx;
  if (extension == ".nir") return ModelKind::nir;
  fail("{}: neither an ONNX nor a NIR file by content or name; an ANN ends in .onnx, an SNN in .nir", path);
}

ir::Graph read_noting(const std::string& path, Notices& notices) {
  onnx::Reading reading = onnx::read_with_notes(path);
  for (const std::string& note : reading.notes) notices.add(fmt::format("{}: {}", path, note));
  return passes::vectors_as_images(reading.graph);
}

}  // namespace

Model read_model(const std::string& path, Notices& notices) {
  if (recognise(path) == ModelKind::onnx) return read_noting(path, notices);
  return nir::read(path);
}

ir::Graph read_ann(const std::string& path, Notices& notices) {
  if (recognise(path) == ModelKind::nir) fail("{}: a NIR file (SNN); this needs an ANN in an .onnx file", path);
  return read_noting(path, notices);
}

void require_convertible(const ir::Graph& ann, const std::string& path, Notices& notices) {
  if (const auto relu = passes::last_relu(ann)) {
    notices.add(fmt::format(
        "{}: the ReLU '{}' on the logits is left out; it does not change which is the largest, unless none is above 0",
        path, ann.node(*relu).name));
  }
  passes::require_convertible(ann);
}

std::vector<passes::Finding> find_refusals(const std::string& path) {
  std::vector<passes::Finding> findings;
  if (recognise(path) != ModelKind::onnx) return findings;
  for (onnx::Refusal& refusal : onnx::find_refusals(path)) {
    const std::string where = refusal.line.empty() ? "" : refusal.line + ": ";
    findings.push_back({std::move(refusal.node), std::move(refusal.op), passes::Verdict::refused,
                        where + refusal.reason, std::move(refusal.remedy)});
  }
  return findings;
}

program::Program read_snn(const std::string& path) {
  if (recognise(path) == ModelKind::onnx) {
    fail("{}: an ONNX file (ANN); make an SNN of it first: neurocuda convert {} --data SOURCE -T 32 -o snn.nir", path,
         path);
  }
  return nir::read(path);
}

}  // namespace neurocuda::cli
