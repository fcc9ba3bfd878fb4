#include "onnx/read/source_line.hpp"

#include <charconv>
#include <string_view>

#include "neurocuda/base/error.hpp"
#include "onnx/read/names.hpp"

namespace neurocuda::onnx {
namespace {

/// NodeProto.metadata_props, which protobuf headers of ONNX before 1.16 do not know by name.
constexpr int kMetadataField = 9;
constexpr std::string_view kStackTrace = "pkg.torch.onnx.stack_trace";

std::string stack_trace(const proto::NodeProto& node) {
  const auto& reflection = *proto::NodeProto::GetReflection();
  if (const auto* field = proto::NodeProto::GetDescriptor()->FindFieldByNumber(kMetadataField)) {
    for (int i = 0; i < reflection.FieldSize(node, field); ++i) {
      const auto& entry =
          dynamic_cast<const proto::StringStringEntryProto&>(reflection.GetRepeatedMessage(node, field, i));
      if (entry.key() == kStackTrace) return entry.value();
    }
  }
  const auto& unknown = reflection.GetUnknownFields(node);
  for (int i = 0; i < unknown.field_count(); ++i) {
    const auto& field = unknown.field(i);
    if (field.number() != kMetadataField || field.type() != google::protobuf::UnknownField::TYPE_LENGTH_DELIMITED)
      continue;
    proto::StringStringEntryProto entry;
    if (entry.ParseFromString(field.length_delimited()) && entry.key() == kStackTrace) return entry.value();
  }
  return node.doc_string();  // the TorchScript exporter, when it is verbose
}

/// The innermost frame that is not the framework's own: File "/home/me/model.py", line 12, in forward
struct Frame {
  std::string_view file;
  int line = 0;
};

Frame innermost(std::string_view trace) {
  constexpr std::string_view kFile = "File \"";
  constexpr std::string_view kLine = "\", line ";
  Frame found;
  for (std::size_t at = trace.find(kFile); at != std::string_view::npos; at = trace.find(kFile, at + 1)) {
    const std::string_view rest = trace.substr(at + kFile.size());
    const std::size_t end = rest.find(kLine);
    if (end > 4096) continue;  // also where there is none
    Frame frame{rest.substr(0, end)};
    const std::string_view number = rest.substr(end + kLine.size());
    const bool parsed = std::from_chars(number.data(), number.data() + number.size(), frame.line).ec == std::errc{};
    if (parsed && frame.file.find("site-packages/torch/") == std::string_view::npos) found = frame;
  }
  return found;
}

}  // namespace

std::string source_line(const proto::NodeProto& node) {
  const std::string trace = stack_trace(node);
  const Frame frame = innermost(trace);
  if (frame.file.empty()) return "";
  const std::size_t slash = frame.file.rfind('/');
  return fmt::format(
      "{} line {}", printable(slash == std::string_view::npos ? frame.file : frame.file.substr(slash + 1)), frame.line);
}

}  // namespace neurocuda::onnx
