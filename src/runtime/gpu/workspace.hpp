#pragma once

#include "neurocuda/base/error.hpp"
#include "runtime/gpu/schedule.hpp"

namespace neurocuda::runtime::gpu {

/// Everything that one stream needs for passes of one shape: memory, the schedule in it, and pinned staging.
class Workspace {
 public:
  Workspace(Device& device, int stream, const program::Program& program, const NetworkPlan& plan, const char* constants,
            const RunShape& run, const CarriedState& carried = {});

  /// Before the first pass of a call.
  void clear_activity();
  /// Enqueues `images` images, from the host's `input` (pinned); `destination` says where a fetch goes.
  /// `first_timestep`: how many ran before, of a block.
  template <class Destination>
  void enqueue(int images, const std::int8_t* input, const Destination& destination, int first_timestep = 0) {
    upload(images, input);
    for (std::size_t part = 0; part < schedule_.parts.size(); ++part) {
      launch(part, images, first_timestep);
      for (const Fetch& fetch : schedule_.parts[part].fetches) {
        device_.download(stream_, destination(fetch), fetch.from,
                         fetch.bytes_per_image * static_cast<std::size_t>(images));
      }
    }
    last_images_ = images;
  }
  /// Enqueues the way back of the counters; read them after a synchronisation.
  void fetch_activity();
  std::size_t bytes() const { return memory_.bytes(); }
  /// What fetch_activity() brought, added to that of a run.
  void add_activity_to(Activity& activity) const;

 private:
  void upload(int images, const std::int8_t* input);
  void launch(std::size_t part, int images, int first_timestep);
  const Device::Sequence& recorded(std::size_t part, int images);

  Device& device_;
  int stream_;
  std::size_t input_bytes_;     // per image
  std::size_t activity_bytes_;  // 0 when nobody wants counts
  Memory memory_, synapses_, activity_, host_activity_;
  Schedule schedule_;
  char* input_ = nullptr;
  int last_images_ = 0, recorded_images_ = 0;
  std::vector<std::unique_ptr<Device::Sequence>> recorded_;  // by part, for recorded_images_
};

}  // namespace neurocuda::runtime::gpu
