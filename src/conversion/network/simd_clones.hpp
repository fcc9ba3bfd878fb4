#pragma once

/// Before a loop over channels: compiled for several instruction sets, the best of which is chosen when the program
/// starts. The library is built without contraction to fused multiply-add, so that all give the same results.
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__linux__) && \
    !defined(__SANITIZE_ADDRESS__)
#define NEUROCUDA_SIMD_CLONES __attribute__((target_clones("arch=skylake-avx512", "arch=haswell", "default")))
#else
#define NEUROCUDA_SIMD_CLONES
#endif
