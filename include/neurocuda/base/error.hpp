#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace neurocuda {

/// Root of every exception that NeuroCUDA throws. what() is one line.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The caller's mistake: bad use or bad input. The message names the file or option, the offending
/// value and the remedy. The command line prints it and exits with status 2.
class UserError : public Error {
 public:
  using Error::Error;
};

/// An operator, or a use of one, that NeuroCUDA cannot convert. Names the operator and the node.
class UnsupportedOperator : public UserError {
 public:
  using UserError::UserError;
};

/// A graph that is made of supported operators but cannot become a spiking network as it stands.
class ConversionError : public UserError {
 public:
  using UserError::UserError;
};

/// A target that was not built, or that finds no device. Says how to get it.
class BackendUnavailable : public UserError {
 public:
  using UserError::UserError;
};

/// Long work was stopped by the user (SIGINT, KeyboardInterrupt).
class Interrupted : public Error {
 public:
  Interrupted() : Error("interrupted") {}
};

/// A broken invariant inside NeuroCUDA: always a bug, never the user's mistake.
class InternalError : public Error {
 public:
  using Error::Error;
};

template <class E = UserError, class... Args>
[[noreturn]] void fail(fmt::format_string<Args...> format, Args&&... args) {
  throw E(fmt::format(format, std::forward<Args>(args)...));
}

/// Throws InternalError when an invariant does not hold.
inline void ensure(bool invariant, const char* what) {
  if (!invariant) throw InternalError(std::string("internal error: ") + what);
}

}  // namespace neurocuda
