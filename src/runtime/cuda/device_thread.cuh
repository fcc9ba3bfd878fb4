#pragma once

#include <cstdint>

#include "runtime/gpu/fragments.hpp"

namespace neurocuda::runtime::gpu {

/// A thread of the device, as the fused kernels want it.
struct DeviceThread {
  __device__ int index() const { return static_cast<int>(threadIdx.x); }
  __device__ int threads() const { return static_cast<int>(blockDim.x); }
  __device__ int block() const { return static_cast<int>(blockIdx.x); }
  __device__ std::uint32_t* shared() const {
    extern __shared__ __align__(16) std::uint32_t memory[];
    return memory;
  }
  __device__ void sync() const { __syncthreads(); }

  /// Asynchronous copies from global to shared memory.
  __device__ void copy16(std::uint32_t* to, const std::uint32_t* from) const {
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(shared_address(to)), "l"(from) : "memory");
  }
  __device__ void copy4(std::uint32_t* to, const std::uint32_t* from) const {
    asm volatile("cp.async.ca.shared.global [%0], [%1], 4;" ::"r"(shared_address(to)), "l"(from) : "memory");
  }
  /// Until this thread's copies have arrived; others see them after the next sync().
  __device__ void wait_copies() const { asm volatile("cp.async.wait_all;" ::: "memory"); }

  /// Closes a group of copies; wait_copies_but() waits until all but the last kGroups of these have arrived.
  __device__ void commit_copies() const { asm volatile("cp.async.commit_group;" ::: "memory"); }
  template <int kGroups>
  __device__ void wait_copies_but() const {
    asm volatile("cp.async.wait_group %0;" ::"n"(kGroups) : "memory");
  }

  /// v += a b for every pair of tiles of the warp.
  template <int kRows, int kColumns>
  __device__ void multiply(std::int32_t (&v)[kRows][kColumns][4], const std::uint32_t (&a)[kRows][4],
                           const std::uint32_t (&b)[kColumns][2]) const {
#pragma unroll
    for (int n = 0; n < kColumns; ++n) {
#pragma unroll
      for (int m = 0; m < kRows; ++m) multiply_tile(v[m][n], a[m], b[n]);
    }
  }

  /// OR over the four lanes of a quad.
  __device__ std::uint32_t quad_or(std::uint32_t bits) const {
    bits |= __shfl_xor_sync(0xffffffffU, bits, 1);
    return bits | __shfl_xor_sync(0xffffffffU, bits, 2);
  }
  /// Bit i: the predicate of lane i of the warp.
  __device__ std::uint32_t ballot(bool predicate) const { return __ballot_sync(0xffffffffU, predicate); }
  /// The word of one lane of the warp.
  __device__ std::uint32_t broadcast(std::uint32_t word, int lane) const {
    return __shfl_sync(0xffffffffU, word, lane);
  }

 private:
  __device__ static std::uint32_t shared_address(const void* pointer) {
    return static_cast<std::uint32_t>(__cvta_generic_to_shared(pointer));
  }
  __device__ static void multiply_tile(std::int32_t (&c)[4], const std::uint32_t (&a)[4], const std::uint32_t (&b)[2]) {
    asm volatile(
        "mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, "
        "%3};"
        : "+r"(c[0]), "+r"(c[1]), "+r"(c[2]), "+r"(c[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
  }
};

}  // namespace neurocuda::runtime::gpu
