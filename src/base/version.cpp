#include "neurocuda/base/version.hpp"

namespace neurocuda {

const char* version() { return NEUROCUDA_VERSION; }

}  // namespace neurocuda
