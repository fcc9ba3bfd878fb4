#include "neurocuda/base/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>

#include "neurocuda/base/error.hpp"

namespace neurocuda {
namespace fs = std::filesystem;
namespace {

constexpr int kMostLinks = 40;             // as the kernel
constexpr mode_t kNewMode = 0666;          // less the umask
constexpr std::size_t kLongestStem = 200;  // room for what free_name() appends: most file systems take 255 bytes
constexpr int kMostNames = 1000;
constexpr const char* kOpenFiles = "/proc/self/fd";

/// The folder without links, the name as it is: what a relative link beside it is relative to.
fs::path in_real_folder(const fs::path& path) {
  std::error_code error;
  const fs::path folder = fs::canonical(path.has_parent_path() ? path.parent_path() : fs::path("."), error);
  return error ? path : folder / path.filename();
}

/// Nobody guesses it, so that no other program has a file or link of this name there.
std::string unique_suffix() {
  static std::atomic<unsigned> made{0};
  struct timespec now = {};
  clock_gettime(CLOCK_REALTIME, &now);
  return fmt::format("{:x}-{:x}-{:x}", getpid(), now.tv_nsec, made++);
}

}  // namespace

fs::path followed(const fs::path& path) {
  fs::path at = in_real_folder(path);
  std::error_code error;
  for (int links = 0; fs::is_symlink(fs::symlink_status(at, error)); ++links) {
    // /dev/stdout and the like: whatever stands behind it is open already, and replacing it would lose it.
    if (at.native().starts_with("/proc/")) fail("{}: is an open file; give a file name", path.string());
    const fs::path next = fs::read_symlink(at, error);
    if (error || links == kMostLinks) fail("{}: its links lead in a circle; give a file name", path.string());
    at = in_real_folder(next.is_absolute() ? next : at.parent_path() / next);
  }
  const fs::file_status status = fs::status(at, error);
  if (fs::is_directory(status)) fail("{}: is a folder; give a file name", path.string());
  if (fs::exists(status) && !fs::is_regular_file(status))
    fail("{}: is a device, a pipe or a socket, which a file cannot replace; give a file name", path.string());
  return at;
}

AtomicFile::AtomicFile(fs::path path) : path_(std::move(path)), target_(followed(path_)) {
  if (fs::exists(target_) && ::access(target_.c_str(), W_OK) != 0) refuse(errno);
  open();
  keep_mode();
}

AtomicFile::~AtomicFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

/// Without a name where the system can: then not even a killed process leaves anything.
void AtomicFile::open() {
  const fs::path folder = target_.has_parent_path() ? target_.parent_path() : fs::path(".");
#ifdef O_TMPFILE
  if (::access(kOpenFiles, X_OK) == 0) descriptor_ = ::open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, kNewMode);
  if (descriptor_ >= 0) return;
#endif
  for (int i = 0; i < kMostNames && descriptor_ < 0; ++i) {
    const fs::path name = free_name();
    descriptor_ = ::open(name.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, kNewMode);
    if (descriptor_ >= 0) temporary_ = name;
    if (descriptor_ < 0 && errno != EEXIST) break;
  }
  if (descriptor_ < 0) {
    fail("{}: cannot be written: {}; choose a folder that exists and is writable", path_.string(),
         std::strerror(errno));
  }
}

void AtomicFile::keep_mode() {
  struct stat old = {};
  if (::stat(target_.c_str(), &old) != 0) return;
  // Another owner is kept where we may: root must not take a user's file.
  if (old.st_uid != geteuid() || old.st_gid != getegid()) (void)!::fchown(descriptor_, old.st_uid, old.st_gid);
  ::fchmod(descriptor_, old.st_mode & 07777);
}

fs::path AtomicFile::free_name() const {
  const std::string name = target_.filename().string().substr(0, kLongestStem);
  return target_.parent_path() / fmt::format("{}.{}.tmp", name, unique_suffix());
}

void AtomicFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) refuse(errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

/// A file without a name gets one, from which it can be renamed: linking does not replace what is there.
void AtomicFile::give_name() {
  const std::string open_file = fmt::format("{}/{}", kOpenFiles, descriptor_);
  for (int i = 0; i < kMostNames && temporary_.empty(); ++i) {
    const fs::path name = free_name();
    if (::linkat(AT_FDCWD, open_file.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0) {
      temporary_ = name;
    } else if (errno != EEXIST) {
      refuse(errno);
    }
  }
}

void AtomicFile::commit() {
  if (::fsync(descriptor_) != 0) refuse(errno);
  if (temporary_.empty()) give_name();
  if (::close(std::exchange(descriptor_, -1)) != 0) refuse(errno);
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) refuse(errno);
  temporary_.clear();
}

void AtomicFile::refuse(int error) const {
  const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
  fail("{}: cannot be written: {}; {}", path_.string(), std::strerror(error),
       full ? "make room on the disk, or choose another place" : "choose another place");
}

void write_file(const fs::path& path, std::string_view contents) {
  AtomicFile file(path);
  file.write(contents);
  file.commit();
}

}  // namespace neurocuda
