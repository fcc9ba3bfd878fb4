#pragma once

#include <spdlog/spdlog.h>

namespace neurocuda {

/// Log lines go to stderr, so that stdout stays the program's answer. Level from NEUROCUDA_LOG
/// (trace, debug, info, warn, error, off); info by default.
void set_up_logging();

}  // namespace neurocuda
