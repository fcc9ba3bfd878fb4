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

/// A setting that is out of its range, or does not go with the others. Front ends spell the name their own way.
class SettingError : public UserError {
 public:
  SettingError(std::string name, std::string value, std::string reason)
      : UserError(name + " " + value + ": " + reason),
        name_(std::move(name)),
        value_(std::move(value)),
        reason_(std::move(reason)) {}

  const std::string& name() const { return name_; }      ///< as its table has it, in snake_case
  const std::string& value() const { return value_; }    ///< as text
  const std::string& reason() const { return reason_; }  ///< what would be right: "must be 50 to 100"

 private:
  std::string name_, value_, reason_;
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
