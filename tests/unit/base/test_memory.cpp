#include <gtest/gtest.h>

#include <vector>

#include "neurocuda/base/memory.hpp"

namespace neurocuda {
namespace {

constexpr std::size_t kBytes = std::size_t{64} << 20;

TEST(Memory, ThePeakRemembersWhatWasFreed) {
  if (!restart_peak()) GTEST_SKIP() << "not available: this system cannot restart the peak";
  const std::int64_t before = resident_bytes();
  ASSERT_GT(before, 0);
  { const std::vector<char> large(kBytes, 1); }
  EXPECT_GE(peak_resident_bytes(), before + static_cast<std::int64_t>(kBytes) * 9 / 10);
  EXPECT_LT(resident_bytes(), before + static_cast<std::int64_t>(kBytes) / 2);
  ASSERT_TRUE(restart_peak());
  EXPECT_LT(peak_resident_bytes(), before + static_cast<std::int64_t>(kBytes) / 2);
}

}  // namespace
}  // namespace neurocuda
