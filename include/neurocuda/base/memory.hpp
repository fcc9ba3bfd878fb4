#pragma once

#include <cstdint>

namespace neurocuda {

/// The largest resident memory of this process so far, in bytes.
std::int64_t peak_resident_bytes();

/// The resident memory of this process now, in bytes. What was freed goes back to the system first.
std::int64_t resident_bytes();

/// peak_resident_bytes() begins anew. False where the system cannot do that.
bool restart_peak();

}  // namespace neurocuda
