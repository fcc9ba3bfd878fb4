#include <gtest/gtest.h>

#include <cstdio>
#include <string>
#include <type_traits>

#include "neurocuda/base/error.hpp"
#include "neurocuda/base/version.hpp"

namespace neurocuda {
namespace {

TEST(Error, FailFormatsAndThrowsTheKindAskedFor) {
  try {
    fail<ConversionError>("{}: value {} is bad; use {}", "node", 3, 4);
  } catch (const ConversionError& error) {
    EXPECT_STREQ(error.what(), "node: value 3 is bad; use 4");
  }
  EXPECT_THROW(fail("plain"), UserError);
}

TEST(Error, TellsTheUsersMistakeFromABug) {
  EXPECT_THROW(fail<UnsupportedOperator>("x"), UserError);
  EXPECT_THROW(fail<BackendUnavailable>("x"), UserError);
  EXPECT_THROW(ensure(false, "never"), InternalError);
  EXPECT_NO_THROW(ensure(true, "always"));
  EXPECT_FALSE((std::is_base_of_v<UserError, InternalError>));
  EXPECT_FALSE((std::is_base_of_v<UserError, Interrupted>));
}

TEST(Version, IsThreeNumbers) {
  int major = -1, minor = -1, patch = -1, length = -1;
  ASSERT_EQ(std::sscanf(version(), "%d.%d.%d%n", &major, &minor, &patch, &length), 3) << version();
  EXPECT_EQ(length, static_cast<int>(std::string(version()).size()));
}

}  // namespace
}  // namespace neurocuda
