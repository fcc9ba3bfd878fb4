#pragma once

#include <cstdint>
#include <functional>

namespace neurocuda {

/// Hardware threads of this machine (at least 1).
int hardware_threads();

/// 0 or less means "all hardware threads"; more than there are is cut to that, and said once.
int resolve_threads(int requested);

/// Calls body(index, worker) once for every index in [0, count), from `threads` threads (worker in
/// [0, threads)); indices are handed out dynamically. The first exception is rethrown after all
/// workers have stopped. Throws Interrupted when an interrupt was requested.
void parallel_for(std::int64_t count, int threads, const std::function<void(std::int64_t, int)>& body);

}  // namespace neurocuda
