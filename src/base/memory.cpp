#include "neurocuda/base/memory.hpp"

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <string>

namespace neurocuda {
namespace {

/// The line "VmHWM:    1234 kB" of /proc/self/status; -1 where there is none.
std::int64_t status_bytes(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    std::int64_t kilobytes = 0;
    if (word == name + ":" && status >> kilobytes) return kilobytes * 1024;
  }
  return -1;
}

}  // namespace

std::int64_t peak_resident_bytes() {
  const std::int64_t peak = status_bytes("VmHWM");
  if (peak >= 0) return peak;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return std::int64_t{usage.ru_maxrss} * 1024;
}

std::int64_t resident_bytes() {
  malloc_trim(0);
  return status_bytes("VmRSS");
}

bool restart_peak() {
  std::ofstream refs("/proc/self/clear_refs");
  refs << 5 << std::flush;  // Linux: "reset the peak resident set size"
  return refs.good();
}

}  // namespace neurocuda
