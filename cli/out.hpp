#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

/// Standard output of the subcommands.
namespace neurocuda::cli::out {

/// Lines for a person; what names of others' files could do to the terminal is escaped.
void print_lines(std::string_view lines);

template <class... Args>
void print(fmt::format_string<Args...> format, Args&&... args) {
  print_lines(fmt::format(format, std::forward<Args>(args)...));
}

/// Hands over what is still buffered.
void flush();
/// The same, at the end. Empty when all of the output arrived, otherwise why not ("No space left").
std::string lost();

}  // namespace neurocuda::cli::out
