#include "cli/out.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "neurocuda/base/text.hpp"

namespace neurocuda::cli::out {
namespace {

int first_error = 0;  // of the first write that failed: the stream itself only knows that one did

void note_error(bool failed) {
  if (failed && first_error == 0) first_error = errno != 0 ? errno : EIO;
}

}  // namespace

void print_lines(std::string_view lines) {
  const std::string text = printable_lines(lines);
  errno = 0;
  note_error(std::fwrite(text.data(), 1, text.size(), stdout) != text.size());
}

void flush() {
  errno = 0;
  note_error(std::fflush(stdout) != 0);
}

std::string lost() {
  flush();
  errno = 0;
  note_error(std::ferror(stdout) != 0);
  return first_error == 0 ? "" : std::strerror(first_error);
}

}  // namespace neurocuda::cli::out
