#pragma once

#include <cstdint>

namespace neurocuda::testing {

/// mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 as the PTX ISA describes it, from the registers of 32 lanes.
struct Fragments {
  const std::uint32_t* a[32];  ///< 4 registers each
  const std::uint32_t* b[32];  ///< 2
  std::int32_t* c[32];         ///< 4; also D
};

void multiply_fragments(const Fragments& fragments);

}  // namespace neurocuda::testing
