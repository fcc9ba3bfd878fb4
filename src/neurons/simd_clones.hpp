#pragma once

/// Before a loop over channels: compiled for several instruction sets, the best of which is chosen when the program
/// starts. Levels, not processors: a processor's name fits that maker's chips alone. The library is built without
/// contraction to fused multiply-add, so that all give the same results.
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__linux__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define NEUROCUDA_SIMD_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define NEUROCUDA_SIMD_CLONES
#endif
