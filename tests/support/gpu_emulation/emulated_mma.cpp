#include "support/gpu_emulation/emulated_mma.hpp"

namespace neurocuda::testing {
namespace {

std::int32_t byte_of(std::uint32_t packed, int byte) {
  return static_cast<std::int8_t>(static_cast<std::uint8_t>(packed >> (8 * byte)));
}

}  // namespace

// "Matrix Fragments for mma.m16n8k32": groupID = lane >> 2, threadID_in_group = lane % 4, and for element i
//   a: row = groupID for 0 <= i < 4 and 8 <= i < 12, groupID + 8 otherwise;
//      col = threadID_in_group * 4 + (i & 3) for i < 8, that + 16 for i >= 8
//   b: row = threadID_in_group * 4 + (i & 3) for i < 4, that + 16 for i >= 4; col = groupID
//   c: row = groupID for i < 2, groupID + 8 for i >= 2; col = threadID_in_group * 2 + (i & 1)
void multiply_fragments(const Fragments& fragments) {
  std::int32_t a[16][32], b[32][8];
  for (int lane = 0; lane < 32; ++lane) {
    const int group = lane >> 2, member = lane % 4;
    for (int i = 0; i < 16; ++i) {
      const int row = (i < 4 || (i >= 8 && i < 12)) ? group : group + 8;
      a[row][member * 4 + (i & 3) + (i < 8 ? 0 : 16)] = byte_of(fragments.a[lane][i / 4], i % 4);
    }
    for (int i = 0; i < 8; ++i) {
      b[member * 4 + (i & 3) + (i < 4 ? 0 : 16)][group] = byte_of(fragments.b[lane][i / 4], i % 4);
    }
  }
  for (int lane = 0; lane < 32; ++lane) {
    const int group = lane >> 2, member = lane % 4;
    for (int i = 0; i < 4; ++i) {
      const int row = i < 2 ? group : group + 8, column = member * 2 + (i & 1);
      for (int k = 0; k < 32; ++k) fragments.c[lane][i] += a[row][k] * b[k][column];
    }
  }
}

}  // namespace neurocuda::testing
