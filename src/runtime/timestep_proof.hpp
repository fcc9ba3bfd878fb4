#pragma once

#include <array>
#include <atomic>

#include "neurocuda/runtime/executable.hpp"

namespace neurocuda::runtime {

/// resolve_timesteps that remembers what has been proven: the proof reads every weight, and it holds for every shorter
/// run. May be used from several threads.
class TimestepProof {
 public:
  int resolve(const program::Program& program, const RunOptions& options) const {
    const int timesteps = options.timesteps == 0 ? program.timesteps : options.timesteps;
    std::atomic<int>& proven = proven_[options.mode == Mode::exact ? 1 : 0];
    if (timesteps >= 1 && timesteps <= proven) return timesteps;
    const int resolved = resolve_timesteps(program, options);
    proven = resolved;  // a race loses at worst a longer proof, which is then made again
    return resolved;
  }

 private:
  mutable std::array<std::atomic<int>, 2> proven_{};
};

}  // namespace neurocuda::runtime
