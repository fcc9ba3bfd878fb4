#include "core_call.hpp"

#include <signal.h>  // NOLINT(modernize-deprecated-headers): sigaction is of POSIX

#include "neurocuda/base/interrupt.hpp"

namespace neurocuda::python {
namespace {

int open_scopes = 0;  // of the main thread
struct sigaction python_action;

/// Python's own handler notes the signal; KeyboardInterrupt is raised when the core has returned.
void on_interrupt(int signal) {
  request_interrupt();
  python_action.sa_handler(signal);
}

bool on_main_thread() {
  const nanobind::object threading = nanobind::module_::import_("threading");
  return threading.attr("current_thread")().is(threading.attr("main_thread")());
}

bool has_handler(const struct sigaction& action) {
  return (action.sa_flags & SA_SIGINFO) == 0 && action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN;
}

}  // namespace

InterruptScope::InterruptScope() {
  if (!on_main_thread()) return;
  counted_ = true;
  if (++open_scopes > 1) return;
  sigaction(SIGINT, nullptr, &python_action);
  if (!has_handler(python_action)) return;
  struct sigaction action = python_action;
  action.sa_handler = on_interrupt;
  sigaction(SIGINT, &action, nullptr);
}

InterruptScope::~InterruptScope() {
  if (!counted_ || --open_scopes > 0) return;
  if (has_handler(python_action)) sigaction(SIGINT, &python_action, nullptr);
  clear_interrupt();
}

}  // namespace neurocuda::python
