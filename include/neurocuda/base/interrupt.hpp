#pragma once

namespace neurocuda {

/// Async-signal-safe: asks long work to stop at its next check.
void request_interrupt() noexcept;
void clear_interrupt() noexcept;
bool interrupt_requested() noexcept;
/// Throws Interrupted when a stop was requested.
void throw_if_interrupted();

}  // namespace neurocuda
