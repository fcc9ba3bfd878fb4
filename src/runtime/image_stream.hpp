#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "neurocuda/runtime/stream.hpp"
#include "runtime/run_images.hpp"

namespace neurocuda::runtime {

/// The Stream of an executable that works image by image on this machine.
class ImageStream : public Stream {
 public:
  using NewState = std::function<std::unique_ptr<ImageState>()>;
  ImageStream(const program::Program& program, std::int64_t images, const RunOptions& options, NewState new_state,
              Prepare prepare, ImageBody body);

 protected:
  void run_block(const program::EncodedInput& input, RunResult& result) override;
  void forget() override { states_.clear(); }

 private:
  int threads_;
  NewState new_state_;
  Prepare prepare_;
  ImageBody body_;
  std::vector<std::unique_ptr<ImageState>> states_;  // by image; empty before the first block
};

}  // namespace neurocuda::runtime
