#pragma once

#include "neurocuda/runtime/backends.hpp"

/// One function per backend, each defined in the backend's own folder or in that of its stub.
namespace neurocuda::runtime {

const Backend& reference_backend();   // reference/
const Backend& cpu_backend();         // cpu/
const Backend& gpu_backend();         // cuda/ or no_cuda/
const Backend& loihi2_sim_backend();  // loihi2/ or no_loihi2/

}  // namespace neurocuda::runtime
