/// OpenMP's threads spin for a while when they wait for each other. Where another process wants the cores, too, the one
/// that is waited for does not get on meanwhile: training and float evaluation took four to eight times as long.
#include <cstddef>
#include <initializer_list>

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#include <unistd.h>

namespace {

constexpr std::size_t kMostVariables = 8192;
constexpr std::size_t kLongestPath = 4096;

bool is_name(const char* variable, const char* name) {
  for (; *name != '\0'; ++name, ++variable) {
    if (*variable != *name) return false;
  }
  return *variable == '=';
}

/// Starts the program anew with OMP_WAIT_POLICY=passive, unless somebody said how OpenMP's threads shall wait. libgomp
/// reads that when it is loaded, before main() and before any constructor of ours; what stands in .preinit_array comes
/// before its. Here the C library is not set up: nothing but system calls.
void restart_with_waiting_threads(int, char** arguments, char** environment) {
  static char* variables[kMostVariables + 2];
  static char wait_policy[] = "OMP_WAIT_POLICY=passive";
  static char program[kLongestPath + 1];
  std::size_t count = 0;
  for (; environment[count] != nullptr; ++count) {
    if (count == kMostVariables) return;
    for (const char* name : {"OMP_WAIT_POLICY", "GOMP_SPINCOUNT"}) {
      if (is_name(environment[count], name)) return;
    }
    variables[count] = environment[count];
  }
  variables[count] = wait_policy;
  // By its path, not as /proc/self/exe: the name of the process comes from it.
  const ssize_t length = readlink("/proc/self/exe", program, kLongestPath);
  if (length > 0) execve(program, arguments, variables);
}

__attribute__((section(".preinit_array"), used)) void (*const kBeforeLibraries)(int, char**,
                                                                                char**) = restart_with_waiting_threads;

}  // namespace
#endif
