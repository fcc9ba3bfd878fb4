#include "neurocuda/program/mode.hpp"

#include "neurocuda/base/error.hpp"

namespace neurocuda::program {

std::string_view name_of(Mode mode) {
  for (const auto& [value, name] : settings::Choices<Mode>::list) {
    if (value == mode) return name;
  }
  throw InternalError("a mode without a name");
}

Mode mode_named(std::string_view wanted) {
  for (const auto& [value, name] : settings::Choices<Mode>::list) {
    if (name == wanted) return value;
  }
  fail("mode '{}' is unknown; choose synchronous or exact", wanted);
}

}  // namespace neurocuda::program
