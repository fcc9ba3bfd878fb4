#include <gtest/gtest.h>

#include "neurocuda/base/error.hpp"
#include "neurocuda/program/mode.hpp"
#include "support/expect_error.hpp"

namespace neurocuda::program {
namespace {

TEST(Mode, IsFoundByItsName) {
  for (const Mode mode : {Mode::synchronous, Mode::exact}) EXPECT_EQ(mode_named(name_of(mode)), mode);
  EXPECT_EQ(name_of(Mode::exact), "exact");
}

TEST(Mode, AnotherNameIsAnsweredWithTheNamesThatThereAre) {
  testing::expect_error<UserError>([] { mode_named("fast"); }, {"'fast'", "synchronous", "exact"});
}

}  // namespace
}  // namespace neurocuda::program
