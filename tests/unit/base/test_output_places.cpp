#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <string>

#include "support/expect_error.hpp"
#include "unit/base/files.hpp"

/// What stands where an output goes.
namespace neurocuda {
namespace {
namespace fs = std::filesystem;

using neurocuda::testing::expect_error;
using OutputPlaces = neurocuda::testing::Files;
using ::testing::ElementsAre;

/// The umask as long as it lives.
class Umask {
 public:
  explicit Umask(mode_t mask) : old_(umask(mask)) {}
  ~Umask() { umask(old_); }

 private:
  mode_t old_;
};

mode_t mode_of(const fs::path& path) {
  struct stat status = {};
  EXPECT_EQ(stat(path.c_str(), &status), 0);
  return status.st_mode & 07777;
}

TEST_F(OutputPlaces, ALinkStaysALinkAndItsTargetIsReplaced) {
  fs::create_directory(folder_ / "store");
  write_file(folder_ / "store" / "model", "old");
  fs::create_symlink("store/model", folder_ / "first");
  fs::create_symlink(folder_ / "first", folder_ / "second");
  write_file(folder_ / "second", "new");
  EXPECT_EQ(text(folder_ / "store" / "model"), "new");
  EXPECT_TRUE(fs::is_symlink(folder_ / "first") && fs::is_symlink(folder_ / "second"));
  EXPECT_THAT(names(), ElementsAre("first", "second", "store"));
  EXPECT_EQ(followed(folder_ / "second"), fs::canonical(folder_ / "store" / "model"));
}

TEST_F(OutputPlaces, ALinkThatPointsToNothingYet) {
  fs::create_symlink("later", folder_ / "link");
  write_file(folder_ / "link", "new");
  EXPECT_TRUE(fs::is_symlink(folder_ / "link"));
  EXPECT_EQ(text(folder_ / "later"), "new");
}

TEST_F(OutputPlaces, LinksInACircle) {
  fs::create_symlink("b", folder_ / "a");
  fs::create_symlink("a", folder_ / "b");
  expect_error<UserError>([&] { write_file(folder_ / "a", "x"); }, {"/a", "circle", "file name"});
}

TEST_F(OutputPlaces, SpecialFilesAreRefusedAndStay) {
  ASSERT_EQ(mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  fs::create_symlink("pipe", folder_ / "to_pipe");
  sockaddr_un address{AF_UNIX, {}};
  (folder_ / "socket").string().copy(address.sun_path, sizeof address.sun_path - 1);
  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  for (const char* name : {"pipe", "to_pipe", "socket"}) {
    expect_error<UserError>([&] { write_file(folder_ / name, "x"); }, {name, "pipe or a socket", "file name"});
  }
  close(socket);
  for (const char* path : {"/dev/null", "/dev/full"}) {
    expect_error<UserError>([&] { write_file(path, "x"); }, {path, "is a device", "file name"});
    EXPECT_TRUE(fs::is_character_file(path));
  }
  EXPECT_TRUE(fs::is_fifo(folder_ / "pipe"));
  EXPECT_TRUE(fs::is_socket(folder_ / "socket"));
}

TEST_F(OutputPlaces, StandardOutputIsRefusedWhateverItIs) {
  for (const char* path : {"/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"}) {
    expect_error<UserError>([&] { write_file(path, "x"); }, {path, "is an open file", "file name"});
  }
}

TEST_F(OutputPlaces, AnOldFileKeepsItsMode) {
  const Umask mask(022);
  for (const mode_t mode : {0600, 0640, 0664}) {
    write_file(folder_ / "file", "old");
    ASSERT_EQ(chmod((folder_ / "file").c_str(), mode), 0);
    write_file(folder_ / "file", "new");
    EXPECT_EQ(mode_of(folder_ / "file"), mode);
  }
}

TEST_F(OutputPlaces, ANewFileHasTheModeOfTheUmask) {
  for (const mode_t mask : {022, 077, 002}) {
    const Umask set(mask);
    fs::remove(folder_ / "file");
    write_file(folder_ / "file", "new");
    EXPECT_EQ(mode_of(folder_ / "file"), 0666 & ~mask);
  }
}

TEST_F(OutputPlaces, AnOwnFileThatMayNotBeWrittenStays) {
  if (geteuid() == 0) GTEST_SKIP() << "root may write everything";
  write_file(folder_ / "file", "old");
  ASSERT_EQ(chmod((folder_ / "file").c_str(), 0444), 0);
  expect_error<UserError>([&] { write_file(folder_ / "file", "new"); }, {"file", "cannot be written"});
  EXPECT_EQ(text(folder_ / "file"), "old");
}

TEST_F(OutputPlaces, TheLongestNameThatFits) {
  write_file(folder_ / std::string(255, 'n'), "new");
  EXPECT_EQ(text(folder_ / std::string(255, 'n')), "new");
}

}  // namespace
}  // namespace neurocuda
