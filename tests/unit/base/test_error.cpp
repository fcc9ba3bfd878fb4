#include <gtest/gtest.h>

#include <regex>

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

TEST(Version, IsThreeNumbers) { EXPECT_TRUE(std::regex_match(version(), std::regex(R"(\d+\.\d+\.\d+)"))); }

}  // namespace
}  // namespace neurocuda
