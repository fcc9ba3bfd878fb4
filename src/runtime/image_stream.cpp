#include "runtime/image_stream.hpp"

#include <utility>

namespace neurocuda::runtime {

ImageStream::ImageStream(const program::Program& program, std::int64_t images, const RunOptions& options,
                         NewState new_state, Prepare prepare, ImageBody body)
    : Stream(program, images, options.wanted),
      threads_(options.threads),
      new_state_(std::move(new_state)),
      prepare_(std::move(prepare)),
      body_(std::move(body)) {}

void ImageStream::run_block(const program::EncodedInput& input, RunResult& result) {
  states_.resize(static_cast<std::size_t>(images()));
  const auto body = [&](const ImageTask& whole, int worker) {
    if (has_stopped(whole.image)) {
      states_[static_cast<std::size_t>(whole.image)].reset();
      return;
    }
    auto& state = states_[static_cast<std::size_t>(whole.image)];
    if (!state) state = new_state_();
    ImageTask task = whole;
    task.first_timestep = timesteps();
    task.state = state.get();
    body_(task, worker);
  };
  run_images(program(), input, {Mode::synchronous, threads_}, prepare_, body, result);
}

}  // namespace neurocuda::runtime
