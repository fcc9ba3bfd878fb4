#pragma once

#include <gtest/gtest.h>

#include "runtime/cpu/isa.hpp"

namespace neurocuda::testing {

/// test(kernels) on every instruction set that this processor supports.
template <class Test>
void on_every_isa(const Test& test) {
  for (const runtime::cpu::Isa& isa : runtime::cpu::compiled_isas()) {
    if (!isa.supported()) continue;
    SCOPED_TRACE(std::string(isa.name));
    test(isa.kernels());
  }
}

}  // namespace neurocuda::testing
