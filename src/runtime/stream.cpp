#include "neurocuda/runtime/stream.hpp"

#include <algorithm>

#include "neurocuda/base/error.hpp"
#include "neurocuda/program/bounds.hpp"
#include "runtime/run_images.hpp"

namespace neurocuda::runtime {

Stream::Stream(const program::Program& program, std::int64_t images, const Wanted& wanted)
    : program_(program),
      images_(images),
      wanted_(wanted),
      stopped_(static_cast<std::size_t>(images), 0),
      accumulators_({images, element_count(program.nodes.back().shape)}) {}

RunResult Stream::advance(const program::EncodedInput& input, int timesteps) {
  if (timesteps < 1) fail("{} timesteps: a stream advances by one or more", timesteps);
  require_runnable(done_ + timesteps);
  check_input(program_, input, timesteps);
  if (input.extent(0) != images_) {
    fail("input of {} images: this stream was opened for {}", input.extent(0), images_);
  }
  RunResult result(program_, images_, timesteps, wanted_, done_);
  run_block(input, result);
  keep_accumulators(result);
  done_ += timesteps;
  return result;
}

void Stream::stop(std::int64_t image) {
  if (image < 0 || image >= images_) fail("there is no image {} in this stream: it has 0..{}", image, images_ - 1);
  stopped_[static_cast<std::size_t>(image)] = 1;
}

void Stream::reset() {
  done_ = 0;
  std::fill(stopped_.begin(), stopped_.end(), std::uint8_t{0});
  std::fill(accumulators_.values().begin(), accumulators_.values().end(), 0);
  forget();
}

/// The proof reads every weight, so it is made for more timesteps than are asked for, where it holds for them.
void Stream::require_runnable(int timesteps) {
  if (timesteps <= proven_) return;
  const int ahead = std::min(program::kMaxTimesteps, 2 * timesteps);
  const bool holds = timesteps <= ahead && program::prove_bounds(program_, ahead).fits_int32;
  if (!holds) program::require_runnable(program_, timesteps);
  proven_ = holds ? ahead : timesteps;
}

void Stream::keep_accumulators(RunResult& result) {
  Tensor<std::int32_t>& stored = result.stored_accumulators();
  const std::int64_t steps = stored.extent(1), classes = stored.extent(2);
  for (std::int64_t image = 0; image < images_; ++image) {
    std::int32_t *kept = accumulators_.data() + image * classes, *first = stored.data() + image * steps * classes;
    if (has_stopped(image)) {
      for (std::int64_t t = 0; t < steps; ++t) std::copy_n(kept, classes, first + t * classes);
    } else {
      std::copy_n(first + (steps - 1) * classes, classes, kept);
    }
  }
}

}  // namespace neurocuda::runtime
