#pragma once

#include <nanobind/nanobind.h>

namespace neurocuda::python {

/// While one stands on the main thread, Ctrl-C asks the core to stop at its next check, besides telling Python.
class InterruptScope {
 public:
  /// The GIL must be held here and in the destructor.
  InterruptScope();
  ~InterruptScope();
  InterruptScope(const InterruptScope&) = delete;
  InterruptScope& operator=(const InterruptScope&) = delete;

 private:
  bool counted_ = false;
};

/// Stands around work of the core: other Python threads run meanwhile, and Ctrl-C ends it.
class CoreCall {
  InterruptScope interrupts_;
  nanobind::gil_scoped_release release_;  // last: the scope's destructor holds the GIL again
};

}  // namespace neurocuda::python
