#include "neurocuda/base/interrupt.hpp"

#include <atomic>

#include "neurocuda/base/error.hpp"

namespace neurocuda {
namespace {
std::atomic<bool> requested{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler sets it");
}  // namespace

void request_interrupt() noexcept { requested = true; }
void clear_interrupt() noexcept { requested = false; }
bool interrupt_requested() noexcept { return requested; }

void throw_if_interrupted() {
  if (requested) throw Interrupted();
}

}  // namespace neurocuda
