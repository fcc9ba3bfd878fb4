#pragma once

#include <sys/resource.h>

#include <csignal>

namespace neurocuda::testing {

/// No file grows beyond `bytes` as long as it lives: writes fail as on a full disk, for which no root is needed.
class SizeLimit {
 public:
  explicit SizeLimit(rlim_t bytes) : old_signal_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &old_limit_);
    const rlimit limit{bytes, old_limit_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~SizeLimit() {
    setrlimit(RLIMIT_FSIZE, &old_limit_);
    std::signal(SIGXFSZ, old_signal_);
  }
  SizeLimit(const SizeLimit&) = delete;
  SizeLimit& operator=(const SizeLimit&) = delete;

 private:
  void (*old_signal_)(int);
  rlimit old_limit_ = {};
};

}  // namespace neurocuda::testing
