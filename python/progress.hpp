#pragma once

#include <nanobind/nanobind.h>

#include <chrono>

#include "neurocuda/base/progress.hpp"

namespace neurocuda::python {

/// Lets Python look at long work while the core runs without the GIL: now and then it takes the GIL, so that Ctrl-C
/// raises KeyboardInterrupt, and tells a Python callable (task, done, total, note), if there is one.
class PythonProgress : public Progress {
 public:
  /// `callable` may be None. The GIL must be held here and in the destructor.
  explicit PythonProgress(nanobind::object callable);
  void start(std::string_view task, std::int64_t total) override;
  void advance(std::int64_t steps, std::string_view note) override;
  void finish() override;

 private:
  /// Throws nanobind::python_error when a signal handler or the callable raised.
  void report(std::string_view note);

  nanobind::object callable_;
  std::string task_;
  std::int64_t done_ = 0, total_ = 0;
  std::chrono::steady_clock::time_point last_{};
};

}  // namespace neurocuda::python
