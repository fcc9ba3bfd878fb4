#include "nir/names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace neurocuda::nir {
namespace {

constexpr std::size_t kLongestName = 120;

// "input" and "output" are kept for the Input and Output nodes.
constexpr const char* kReserved[] = {
    "input", "output", "nodes", "edges", "metadata", "items", "keys", "values", "type", "version",
    // Python's keywords
    "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "else", "except",
    "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise",
    "return", "try", "while", "with", "yield", "None", "True", "False",
    // attributes of torch.nn.Module
    "training", "forward", "apply", "bfloat16", "buffers", "children", "compile", "cpu", "cuda", "double", "eval",
    "float", "half", "modules", "parameters", "register_buffer", "register_module", "register_parameter", "add_module",
    "named_buffers", "named_children", "named_modules", "named_parameters", "requires_grad_", "share_memory",
    "state_dict", "load_state_dict", "get_parameter", "get_buffer", "get_submodule", "set_submodule", "extra_repr",
    "to", "to_empty", "train", "xpu", "ipu", "mtia", "zero_grad", "self"};

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

std::string identifier(std::string_view wanted) {
  std::string name(wanted.substr(0, kLongestName));
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !is_word(c); }, '_');
  // A leading underscore could meet a private attribute.
  if (name.empty() || name.front() == '_' || (name.front() >= '0' && name.front() <= '9'))
    name.insert(name.begin(), 'n');
  return name;
}

// Bytes that follow the first one of a UTF-8 sequence; -1 when it starts none.
int continuation_bytes(unsigned char first) {
  if (first < 0x80) return 0;
  if (first >= 0xC2 && first <= 0xDF) return 1;
  if (first >= 0xE0 && first <= 0xEF) return 2;
  if (first >= 0xF0 && first <= 0xF4) return 3;
  return -1;
}

// Overlong forms, surrogates and code points beyond U+10FFFF show in the second byte.
bool second_byte_fits(unsigned char first, unsigned char second) {
  switch (first) {
    case 0xE0:
      return second >= 0xA0;
    case 0xED:
      return second <= 0x9F;
    case 0xF0:
      return second >= 0x90;
    case 0xF4:
      return second <= 0x8F;
    default:
      return true;
  }
}

}  // namespace

SafeNames::SafeNames() : taken_(std::begin(kReserved), std::end(kReserved)) {}

std::string SafeNames::claim(std::string_view wanted) {
  const std::string stem = identifier(wanted);
  std::string name = stem;
  for (int i = 2; taken_.contains(name); ++i) name = fmt::format("{}_{}", stem, i);
  taken_.insert(name);
  return name;
}

bool is_storable_text(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i]);
    const int more = continuation_bytes(first);
    if (first == 0 || more < 0 || i + static_cast<std::size_t>(more) >= text.size()) return false;
    for (int k = 1; k <= more; ++k) {
      const auto next = static_cast<unsigned char>(text[i + static_cast<std::size_t>(k)]);
      if ((next & 0xC0) != 0x80 || (k == 1 && !second_byte_fits(first, next))) return false;
    }
    i += static_cast<std::size_t>(more) + 1;
  }
  return true;
}

}  // namespace neurocuda::nir
