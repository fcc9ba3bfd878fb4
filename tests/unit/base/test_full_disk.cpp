#include <gmock/gmock.h>

#include <string>

#include "support/expect_error.hpp"
#include "support/size_limit.hpp"
#include "unit/base/files.hpp"

namespace neurocuda {
namespace {

using neurocuda::testing::expect_error;
using neurocuda::testing::SizeLimit;
using FullDisk = neurocuda::testing::Files;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_F(FullDisk, IsOneLineAndLeavesNothing) {
  const SizeLimit limit(1000);
  write_file(folder_ / "small", std::string(1000, 'x'));
  expect_error<UserError>([&] { write_file(folder_ / "large", std::string(1001, 'x')); },
                          {"large", "cannot be written", "make room"});
  EXPECT_THAT(names(), ElementsAre("small"));
}

TEST_F(FullDisk, TheOldFileStays) {
  write_file(folder_ / "model", "old");
  const SizeLimit limit(1000);
  expect_error<UserError>([&] { write_file(folder_ / "model", std::string(5000, 'x')); }, {"model"});
  EXPECT_THAT(names(), ElementsAre("model"));
  EXPECT_EQ(text(folder_ / "model"), "old");
}

TEST_F(FullDisk, InTheMiddle) {
  const SizeLimit limit(1000);
  {
    AtomicFile file(folder_ / "model");
    file.write(std::string(900, 'x'));
    expect_error<UserError>([&] { file.write(std::string(900, 'x')); }, {"model", "make room"});
  }
  EXPECT_THAT(names(), IsEmpty());
}

}  // namespace
}  // namespace neurocuda
