#include "neurocuda/program/mode.hpp"

#include "neurocuda/base/error.hpp"

namespace neurocuda::program {

std::string_view name_of(Mode mode) { return mode == Mode::exact ? "exact" : "synchronous"; }

Mode mode_named(std::string_view name) {
  for (const Mode mode : {Mode::synchronous, Mode::exact}) {
    if (name_of(mode) == name) return mode;
  }
  fail("mode '{}' is unknown; choose synchronous or exact", name);
}

}  // namespace neurocuda::program
