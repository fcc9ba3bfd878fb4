#include "neurocuda/runtime/executable.hpp"

#include "neurocuda/program/bounds.hpp"

namespace neurocuda::runtime {
int resolve_timesteps(const program::Program& program, const RunOptions& options) {
  const int timesteps = options.timesteps == 0 ? program.timesteps : options.timesteps;
  program::require_runnable(program, timesteps, options.mode == Mode::exact);
  return timesteps;
}

}  // namespace neurocuda::runtime
