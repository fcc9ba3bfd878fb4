#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "neurocuda/program/encode.hpp"
#include "neurocuda/program/mode.hpp"
#include "neurocuda/program/program.hpp"
#include "neurocuda/runtime/run_result.hpp"
#include "neurocuda/runtime/stream.hpp"

namespace neurocuda::runtime {

using program::Mode;

struct RunOptions {
  int timesteps = 0;  ///< 0: the Program's own
  int threads = 0;    ///< 0: all hardware threads
  Mode mode = Mode::synchronous;
  Wanted wanted{};  ///< what the run returns
};

/// A Program made ready for one machine. Immutable after construction; run() may be called from several threads.
class Executable {
 public:
  virtual ~Executable() = default;
  /// "reference", "cpu", ...
  virtual std::string_view target() const = 0;
  /// The instruction set or device in use, for reports ("avx512", "scalar", "NVIDIA H200").
  virtual std::string isa() const = 0;
  virtual const program::Program& program() const = 0;
  /// Throws UserError when the input's shape, or the number of timesteps, does not fit the Program.
  virtual RunResult run(const program::EncodedInput& input, const RunOptions& options = {}) const = 0;
  /// A Stream of `images` images, before its first timestep; options.timesteps says nothing to it. UserError in the
  /// exact mode, which needs all timesteps at once.
  std::unique_ptr<Stream> open(std::int64_t images, const RunOptions& options = {}) const;

 protected:
  virtual std::unique_ptr<Stream> make_stream(std::int64_t images, const RunOptions& options) const = 0;
};

/// Steps to run for these options: checks the range 1..kMaxTimesteps and the Program's int32 proof.
int resolve_timesteps(const program::Program& program, const RunOptions& options);

}  // namespace neurocuda::runtime
