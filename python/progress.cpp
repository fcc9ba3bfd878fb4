#include "progress.hpp"

#include <string>
#include <utility>

#include "neurocuda/base/interrupt.hpp"

namespace neurocuda::python {
namespace {

constexpr std::chrono::milliseconds kInterval(100);

}  // namespace

PythonProgress::PythonProgress(nanobind::object callable) : callable_(std::move(callable)) {}

void PythonProgress::start(std::string_view task, std::int64_t total) {
  task_ = task;
  total_ = total;
  done_ = 0;
  report({});
}

void PythonProgress::advance(std::int64_t steps, std::string_view note) {
  done_ += steps;
  if (std::chrono::steady_clock::now() - last_ >= kInterval) report(note);
}

void PythonProgress::finish() { report({}); }

void PythonProgress::report(std::string_view note) {
  const nanobind::gil_scoped_acquire gil;
  last_ = std::chrono::steady_clock::now();
  if (PyErr_CheckSignals() != 0) throw nanobind::python_error();
  throw_if_interrupted();  // Python code that ran meanwhile may have swallowed the KeyboardInterrupt
  if (callable_.is_none()) return;
  callable_(nanobind::str(task_.data(), task_.size()), done_, total_, nanobind::str(note.data(), note.size()));
}

}  // namespace neurocuda::python
