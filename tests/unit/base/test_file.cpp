#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

#include "neurocuda/base/error.hpp"
#include "neurocuda/base/file.hpp"
#include "support/expect_error.hpp"
#include "unit/base/files.hpp"

namespace neurocuda {
namespace {
namespace fs = std::filesystem;

using neurocuda::testing::expect_error;
using neurocuda::testing::Files;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_F(Files, WritesAndReads) {
  write_file(folder_ / "a.txt", "hello");
  EXPECT_EQ(text(folder_ / "a.txt"), "hello");
  write_file(folder_ / "a.txt", "again");
  EXPECT_EQ(text(folder_ / "a.txt"), "again");
  write_file(folder_ / "empty", "");
  EXPECT_THAT(read_file(folder_ / "empty", 0), IsEmpty());
  EXPECT_THAT(names(), ElementsAre("a.txt", "empty")) << "no temporary name is left";
}

TEST_F(Files, ReadsBinary) {
  write_file(folder_ / "b", std::string_view("\0\xff\r\n", 4));
  EXPECT_THAT(read_file(folder_ / "b", 4), ElementsAre(0, 255, 13, 10));
}

TEST_F(Files, ReadRefusesWhatIsNotThere) {
  const fs::path missing = folder_ / "missing";
  expect_error<UserError>([&] { read_file(missing, 10); }, {missing.string(), "no such file"});
  expect_error<UserError>([&] { read_file(folder_, 10); }, {folder_.string(), "not a regular file"});
}

TEST_F(Files, ReadRefusesMoreThanTheBound) {
  write_file(folder_ / "big", "12345");
  EXPECT_EQ(read_file(folder_ / "big", 5).size(), 5U);
  expect_error<UserError>([&] { read_file(folder_ / "big", 4); }, {"big", "5 bytes", "4"});
}

TEST_F(Files, ReadRefusesWhatMayNotBeRead) {
  if (geteuid() == 0) GTEST_SKIP() << "root may read everything";
  write_file(folder_ / "secret", "x");
  fs::permissions(folder_ / "secret", fs::perms::none);
  expect_error<UserError>([&] { read_file(folder_ / "secret", 10); }, {"secret", "permissions"});
}

TEST_F(Files, AnUncommittedFileLeavesNothing) {
  {
    AtomicFile file(folder_ / "never");
    file.write("half");
    EXPECT_FALSE(fs::exists(folder_ / "never"));
  }
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(Files, AnUncommittedFileKeepsTheOldOne) {
  write_file(folder_ / "model", "old");
  try {
    AtomicFile file(folder_ / "model");
    file.write("new");
    throw UserError("something went wrong while writing");
  } catch (const UserError&) {
  }
  EXPECT_THAT(names(), ElementsAre("model"));
  EXPECT_EQ(text(folder_ / "model"), "old");
}

TEST_F(Files, CommitRenames) {
  AtomicFile file(folder_ / "whole");
  file.write("con");
  file.write("tent");
  file.commit();
  EXPECT_THAT(names(), ElementsAre("whole"));
  EXPECT_EQ(text(folder_ / "whole"), "content");
}

TEST_F(Files, WriteRefusesFoldersThatAreNotThere) {
  const fs::path lost = folder_ / "no" / "folder.nir";
  expect_error<UserError>([&] { AtomicFile file(lost); }, {lost.string(), "cannot be written"});
  expect_error<UserError>([&] { write_file(folder_, "x"); }, {folder_.string(), "is a folder"});
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(Files, CommitNoticesThatTheFolderIsGone) {
  fs::create_directory(folder_ / "folder");
  AtomicFile file(folder_ / "folder" / "gone");
  fs::remove_all(folder_ / "folder");
  expect_error<UserError>([&] { file.commit(); }, {"gone", "cannot be written"});
}

}  // namespace
}  // namespace neurocuda
