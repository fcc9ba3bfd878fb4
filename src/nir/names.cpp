#include "nir/names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "neurocuda/base/text.hpp"

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
  while (!text.empty()) {
    const std::size_t bytes = character_bytes(text);
    if (bytes == 0 || text.front() == '\0') return false;
    text.remove_prefix(bytes);
  }
  return true;
}

}  // namespace neurocuda::nir
