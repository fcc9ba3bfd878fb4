#include "onnx/read/names.hpp"

#include <fmt/format.h>

#include "neurocuda/base/text.hpp"

namespace neurocuda::onnx {
namespace {

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

}  // namespace

std::string printable(std::string_view name) {
  name = name.substr(0, 256);
  std::string text;
  while (!name.empty()) {
    const std::size_t length = character_bytes(name);
    const bool keep = length > 0 && !is_control(name[0]);
    text += keep ? name.substr(0, length) : "_";
    name.remove_prefix(keep ? length : 1);
  }
  return text;
}

std::string display_name(const proto::NodeProto& node) {
  if (!node.name().empty()) return printable(node.name());
  return node.output_size() > 0 ? printable(node.output(0)) : std::string();
}

std::string operator_name(const proto::NodeProto& node) {
  const bool standard = node.domain().empty() || node.domain() == "ai.onnx";
  return printable(standard ? node.op_type() : node.domain() + "." + node.op_type());
}

std::string label(const proto::NodeProto& node) {
  return fmt::format("{} '{}'", operator_name(node), display_name(node));
}

}  // namespace neurocuda::onnx
