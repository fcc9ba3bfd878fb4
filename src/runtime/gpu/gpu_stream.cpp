#include "runtime/gpu/gpu_stream.hpp"

#include <cstring>
#include <limits>

#include "runtime/gpu/batch_size.hpp"
#include "runtime/run_images.hpp"

namespace neurocuda::runtime::gpu {
namespace {

void require_room(const StreamHost& host, std::int64_t bytes, std::int64_t images, const char* what) {
  const auto usable = static_cast<std::int64_t>(static_cast<double>(host.device.free_bytes()) * kUsableMemory);
  if (bytes <= usable && images <= std::numeric_limits<int>::max()) return;
  fail("gpu: {} of {} images needs {} MiB of device memory, {} are free: open a stream of fewer images", what, images,
       bytes >> 20, usable >> 20);
}

}  // namespace

GpuStream::GpuStream(const StreamHost& host, std::int64_t images, const Wanted& wanted)
    : Stream(host.program, images, wanted), host_(host), carried_(plan_carried(host.program, host.plan, images)) {
  const std::lock_guard<std::mutex> turn(host_.turn);
  host_.device.use();
  require_room(host_, carried_.total, images, "the state");
  state_ = Memory(host_.device, Memory::Kind::device, static_cast<std::size_t>(carried_.total));
  shape_ = {0, Mode::synchronous, wanted, static_cast<int>(images)};
}

GpuStream::~GpuStream() {
  const std::lock_guard<std::mutex> turn(host_.turn);
  host_.device.drain();
}

/// Blocks of one size share a workspace.
Workspace& GpuStream::workspace_for(int timesteps) {
  if (workspace_ && shape_.timesteps == timesteps) return *workspace_;
  workspace_.reset();
  shape_.timesteps = timesteps;
  const Buffers buffers = plan_buffers(host_.program, host_.plan, shape_);
  const bool indexed = buffers.largest_elements <= std::numeric_limits<std::int32_t>::max();
  require_room(host_, indexed ? buffers.total : std::numeric_limits<std::int64_t>::max(), images(), "a block");
  workspace_ = std::make_unique<Workspace>(host_.device, 0, host_.program, host_.plan, host_.constants, shape_,
                                           CarriedState{&carried_, state_.data()});
  return *workspace_;
}

void GpuStream::run_block(const program::EncodedInput& input, RunResult& result) {
  if (images() == 0) return;
  const std::lock_guard<std::mutex> turn(host_.turn);
  host_.device.use();
  Workspace& workspace = workspace_for(static_cast<int>(result.timesteps()));
  Tensor<std::int32_t>& accumulators = result.stored_accumulators();
  const auto bytes = static_cast<std::size_t>(accumulators.size()) * sizeof(std::int32_t);
  const auto input_bytes = static_cast<std::size_t>(input.size());
  auto* pinned = reinterpret_cast<std::int8_t*>(grown(pinned_input_, host_.device, input_bytes));
  grown(pinned_accumulators_, host_.device, bytes);
  std::memcpy(pinned, input.data(), input_bytes);
  const std::vector<LayerRecord*> records = records_by_node(program(), result);
  try {
    workspace.clear_activity();
    workspace.enqueue(
        static_cast<int>(images()), pinned,
        [&](const Fetch& fetch) -> void* {
          if (fetch.what == Fetch::What::accumulators) return pinned_accumulators_.data();
          return recorded_row(fetch, *records[static_cast<std::size_t>(fetch.node)], 0);
        },
        timesteps());
    workspace.fetch_activity();
    host_.device.synchronize();
  } catch (...) {
    host_.device.drain();  // copies into the result may be under way
    throw;
  }
  std::memcpy(accumulators.data(), pinned_accumulators_.data(), bytes);
  if (result.wanted().counts) workspace.add_activity_to(result.activity());
}

}  // namespace neurocuda::runtime::gpu
