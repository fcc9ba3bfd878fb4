#pragma once

#include <string_view>
#include <vector>

#include "runtime/cpu/kernels/kernels.hpp"

namespace neurocuda::runtime::cpu {

/// An instruction set that this build has kernels for.
struct Isa {
  std::string_view name;
  bool (*supported)();  ///< by the processor we run on
  const Kernels& (*kernels)();
};

/// Compiled in, slowest first; the first one runs everywhere. Defined in x86/ or generic/.
const std::vector<Isa>& compiled_isas();

/// The one place that chooses: the named one, or the fastest that the processor supports when the name is empty. Throws
/// UserError when there is no such one, or when the processor does not support it.
const Isa& choose_isa(std::string_view name);

/// The value of the environment variable NEUROCUDA_ISA; empty when it is not set.
std::string_view requested_isa();

}  // namespace neurocuda::runtime::cpu
