#include "runtime/cpu/isa.hpp"
#include "runtime/cpu/kernels/kernel_tables.hpp"

namespace neurocuda::runtime::cpu {

const std::vector<Isa>& compiled_isas() {
  static const std::vector<Isa> isas{{"portable", [] { return true; }, portable_kernels}};
  return isas;
}

}  // namespace neurocuda::runtime::cpu
