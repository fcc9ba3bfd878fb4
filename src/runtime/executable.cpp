#include "neurocuda/runtime/executable.hpp"

#include "neurocuda/base/error.hpp"
#include "neurocuda/program/bounds.hpp"

namespace neurocuda::runtime {

std::unique_ptr<Stream> Executable::open(std::int64_t images, const RunOptions& options) const {
  if (images < 0) fail("a stream of {} images: open one for 0 or more", images);
  if (options.mode == Mode::exact) {
    fail("the exact mode has no blocks of timesteps: a layer takes all its inputs before it fires; use synchronous");
  }
  return make_stream(images, options);
}

int resolve_timesteps(const program::Program& program, const RunOptions& options) {
  const int timesteps = options.timesteps == 0 ? program.timesteps : options.timesteps;
  program::require_runnable(program, timesteps, options.mode == Mode::exact);
  return timesteps;
}

}  // namespace neurocuda::runtime
