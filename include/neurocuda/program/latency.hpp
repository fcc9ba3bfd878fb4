#pragma once

#include "neurocuda/program/program.hpp"

namespace neurocuda::program {

/// Timesteps from the first current to the logits of a run of T: T in the synchronous mode; in the exact mode, where a
/// layer waits for all of its input, T for each of the layers on the longest way through the network, and T for the
/// last.
int latency_timesteps(const Program& program, int timesteps, Mode mode);

}  // namespace neurocuda::program
