#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>

#include "neurocuda/base/error.hpp"
#include "neurocuda/base/file.hpp"
#include "support/expect_error.hpp"

namespace neurocuda {
namespace {
namespace fs = std::filesystem;

using neurocuda::testing::expect_error;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Files : public ::testing::Test {
 protected:
  Files() {
    std::string pattern = ::testing::TempDir() + "neurocuda_files_XXXXXX";
    ensure(mkdtemp(pattern.data()) != nullptr, "a temporary folder is needed");
    folder_ = pattern;
  }
  ~Files() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(folder_)) found.push_back(entry.path().filename().string());
    std::sort(found.begin(), found.end());
    return found;
  }
  static std::string text(const fs::path& path) {
    const auto bytes = read_file(path, 1000);
    return {bytes.begin(), bytes.end()};
  }

  fs::path folder_;
};

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
    std::ofstream(file.temporary()) << "half";
    EXPECT_EQ(names().size(), 1U);
    EXPECT_FALSE(fs::exists(folder_ / "never"));
  }
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(Files, AnUncommittedFileKeepsTheOldOne) {
  write_file(folder_ / "model", "old");
  try {
    AtomicFile file(folder_ / "model");
    std::ofstream(file.temporary()) << "new";
    throw UserError("something went wrong while writing");
  } catch (const UserError&) {
  }
  EXPECT_THAT(names(), ElementsAre("model"));
  EXPECT_EQ(text(folder_ / "model"), "old");
}

TEST_F(Files, CommitRenames) {
  AtomicFile file(folder_ / "whole");
  std::ofstream(file.temporary()) << "content";
  file.commit();
  EXPECT_THAT(names(), ElementsAre("whole"));
  EXPECT_EQ(text(folder_ / "whole"), "content");
  EXPECT_EQ(fs::status(folder_ / "whole").permissions() & fs::perms::others_read, fs::perms::others_read);
}

TEST_F(Files, WriteRefusesFoldersThatAreNotThere) {
  const fs::path lost = folder_ / "no" / "folder.nir";
  expect_error<UserError>([&] { AtomicFile file(lost); }, {lost.string(), "cannot be written"});
  expect_error<UserError>([&] { write_file(folder_, "x"); }, {folder_.string(), "is a folder"});
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(Files, CommitNoticesThatTheFileIsGone) {
  AtomicFile file(folder_ / "gone");
  fs::remove(file.temporary());
  expect_error<UserError>([&] { file.commit(); }, {"gone", "cannot be written"});
}

}  // namespace
}  // namespace neurocuda
