#pragma once

#include <string>

namespace neurocuda::runtime::cuda {

/// Why no device can be used, and what to do; empty when device `index` is there and new enough.
std::string obstacle(int index);

}  // namespace neurocuda::runtime::cuda
