#include "runtime/cpu/isa.hpp"

#include <cstdlib>
#include <string>

#include "neurocuda/base/error.hpp"

namespace neurocuda::runtime::cpu {
namespace {

/// "sse2, avx2": what may be asked for here.
std::string supported_names() {
  std::string names;
  for (const Isa& isa : compiled_isas()) {
    if (isa.supported()) names += (names.empty() ? "" : ", ") + std::string(isa.name);
  }
  return names;
}

const Isa& fastest() {
  const Isa* best = &compiled_isas().front();
  for (const Isa& isa : compiled_isas()) {
    if (isa.supported()) best = &isa;
  }
  return *best;
}

}  // namespace

const Isa& choose_isa(std::string_view name) {
  if (name.empty()) return fastest();
  for (const Isa& isa : compiled_isas()) {
    if (isa.name != name) continue;
    if (!isa.supported()) {
      fail("instruction set '{}' (NEUROCUDA_ISA) is not supported by this processor: choose one of {}", name,
           supported_names());
    }
    return isa;
  }
  fail("unknown instruction set '{}' (NEUROCUDA_ISA): choose one of {}", name, supported_names());
}

std::string_view requested_isa() {
  const char* name = std::getenv("NEUROCUDA_ISA");
  return name == nullptr ? "" : name;
}

}  // namespace neurocuda::runtime::cpu
