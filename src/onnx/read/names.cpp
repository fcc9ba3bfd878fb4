#include "onnx/read/names.hpp"

#include <fmt/format.h>

namespace neurocuda::onnx {
namespace {

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

/// Bytes of the UTF-8 sequence at the front of `text`; 0 when it is not one. Overlong forms and surrogates are not.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if (!is_continuation(text[i])) return 0;
  }
  const bool overlong = (lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xF0 && byte(1) < 0x90);
  const bool outside = (lead == 0xED && byte(1) >= 0xA0) || (lead == 0xF4 && byte(1) >= 0x90);
  return overlong || outside ? 0 : length;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

}  // namespace

std::string printable(std::string_view name) {
  name = name.substr(0, 256);
  std::string text;
  while (!name.empty()) {
    const std::size_t length = sequence_length(name);
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
