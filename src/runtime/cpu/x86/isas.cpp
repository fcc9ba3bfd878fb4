#include "runtime/cpu/isa.hpp"
#include "runtime/cpu/kernels/kernel_tables.hpp"

namespace neurocuda::runtime::cpu {
namespace {

bool has_sse2() { return true; }  // part of x86-64
bool has_avx2() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
         __builtin_cpu_supports("popcnt");
}
bool has_avx512() {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}
bool has_avx512_vnni() {
  return has_avx512() && __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512vbmi2");
}

}  // namespace

const std::vector<Isa>& compiled_isas() {
  static const std::vector<Isa> isas{
      {"portable", has_sse2, portable_kernels},
      {"sse2", has_sse2, sse2_kernels},
      {"avx2", has_avx2, avx2_kernels},
      {"avx512", has_avx512, avx512_kernels},
      {"avx512_vnni", has_avx512_vnni, avx512_vnni_kernels},
  };
  return isas;
}

}  // namespace neurocuda::runtime::cpu
