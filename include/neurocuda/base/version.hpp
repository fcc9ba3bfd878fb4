#pragma once

namespace neurocuda {

/// "0.1.0": the one place is the project() call of the top CMakeLists.txt.
const char* version();

}  // namespace neurocuda
