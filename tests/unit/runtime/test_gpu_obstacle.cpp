#include <gmock/gmock.h>

#include "runtime/gpu/obstacle.hpp"

namespace neurocuda {
namespace {

using runtime::gpu::describe_obstacle;
using ::testing::HasSubstr;

// driver, runtime, devices, wanted, major, minor, error
TEST(Obstacle, NoneWhereADeviceIs) {
  EXPECT_EQ(describe_obstacle({13000, 13000, 1, 0, 9, 0, ""}), "");
  EXPECT_EQ(describe_obstacle({13000, 13020, 8, 7, 8, 0, ""}), "");  // any driver of the same major version does
}

TEST(Obstacle, IsNamedWithTheRemedy) {
  EXPECT_THAT(describe_obstacle({0, 13000, 0, 0, 0, 0, "whatever"}), HasSubstr("no NVIDIA driver"));
  EXPECT_THAT(describe_obstacle({12080, 13000, 0, 0, 0, 0, "insufficient"}),
              HasSubstr("too old: it supports CUDA 12.8, this build needs 13.0; update"));
  EXPECT_THAT(describe_obstacle({13000, 13000, 0, 0, 0, 0, ""}), HasSubstr("there is no device"));
  EXPECT_THAT(describe_obstacle({13000, 13000, 0, 0, 0, 0, "unknown error"}),
              HasSubstr("unknown error; use the target cpu"));
  EXPECT_THAT(describe_obstacle({13000, 13000, 2, 2, 0, 0, ""}), HasSubstr("no device 2: this machine has 2"));
  EXPECT_THAT(describe_obstacle({13000, 13000, 2, -1, 0, 0, ""}), HasSubstr("no device -1"));
  EXPECT_THAT(describe_obstacle({13000, 13000, 1, 0, 7, 5, ""}), HasSubstr("7.5: this build needs 8.0"));
}

}  // namespace
}  // namespace neurocuda
