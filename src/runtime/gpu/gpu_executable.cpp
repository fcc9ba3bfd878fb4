#include "runtime/gpu/gpu_executable.hpp"

#include <algorithm>
#include <cstring>

#include "neurocuda/base/log.hpp"
#include "runtime/gpu/batch_size.hpp"
#include "runtime/gpu/gpu_stream.hpp"
#include "runtime/run_images.hpp"

namespace neurocuda::runtime::gpu {
namespace {

/// Programs are validated before a device sees them; this one's planning needs it too.
const program::Program& validated(const program::Program& program) {
  program::validate(program);
  return program;
}

}  // namespace

/// One call of run().
struct GpuExecutable::Call {
  const program::EncodedInput& input;
  RunResult& result;
  std::vector<LayerRecord*> records;
  std::int64_t images, input_step, accumulators_step;  // of one image, in elements
  std::int8_t* pinned_input;
  std::int32_t* pinned_accumulators;
};

GpuExecutable::GpuExecutable(const program::Program& program, std::unique_ptr<Device> device, KernelChoice choice)
    : device_(std::move(device)), program_(validated(program)) {
  device_->use();
  plan_ = plan_network(program_, device_->limits(), choice);
  const std::vector<char>& bytes = plan_.constants.bytes();
  constants_ = Memory(*device_, Memory::Kind::device, bytes.size());
  device_->upload(0, constants_.data(), bytes.data(), bytes.size());
  device_->synchronize();
}

GpuExecutable::~GpuExecutable() { device_->drain(); }

RunResult GpuExecutable::run(const program::EncodedInput& input, const RunOptions& options) const {
  const int timesteps = proof_.resolve(program_, options);
  check_input(program_, input, timesteps);
  const std::int64_t images = input.extent(0);
  RunResult result(program_, images, timesteps, options.wanted);
  if (images == 0) return result;

  const std::lock_guard<std::mutex> turn(turn_);
  device_->use();
  const RunShape shape = shape_of(options, timesteps, images);
  make_workspaces(shape, images > shape.images);
  const Tensor<std::int32_t>& accumulators = result.stored_accumulators();
  Call call{input,
            result,
            records_by_node(program_, result),
            images,
            input.size() / images,
            accumulators.size() / images,
            reinterpret_cast<std::int8_t*>(grown(pinned_input_, *device_, static_cast<std::size_t>(input.size()))),
            reinterpret_cast<std::int32_t*>(grown(
                pinned_accumulators_, *device_, static_cast<std::size_t>(accumulators.size()) * sizeof(std::int32_t)))};
  try {
    run_passes(call);
  } catch (...) {
    device_->drain();  // copies into the result may be under way
    throw;
  }
  return result;
}

std::unique_ptr<Stream> GpuExecutable::make_stream(std::int64_t images, const RunOptions& options) const {
  const StreamHost host{*device_, turn_, program_, plan_, constants_.data()};
  return std::make_unique<GpuStream>(host, images, options.wanted);
}

RunShape GpuExecutable::shape_of(const RunOptions& options, int timesteps, std::int64_t images) const {
  RunShape shape{timesteps, options.mode, options.wanted, shape_.images};
  // A batch a little smaller than the last one is at home in its memory and tiles.
  if (shape == shape_ && images <= shape_.images && 4 * images > shape_.images) return shape_;
  std::size_t own = 0;  // what the last call's workspaces hold can be had again
  if (!workspaces_.empty()) own = workspaces_.size() * workspaces_.front()->bytes();
  const auto usable = static_cast<std::int64_t>(static_cast<double>(device_->free_bytes() + own) * kUsableMemory);
  shape.images = images_per_pass(program_, plan_, shape, images, usable);
  return shape;
}

void GpuExecutable::make_workspaces(const RunShape& shape, bool several) const {
  const std::size_t wanted = several ? Device::kStreams : 1;
  if (shape == shape_ && workspaces_.size() >= wanted) return;
  workspaces_.clear();
  shape_ = shape;
  for (std::size_t stream = 0; stream < wanted; ++stream) {
    workspaces_.push_back(
        std::make_unique<Workspace>(*device_, static_cast<int>(stream), program_, plan_, constants_.data(), shape));
  }
  spdlog::debug("gpu: {} images at a time, {} at once, {:.1f} MiB each, weights and constants {:.1f} MiB", shape.images,
                wanted, static_cast<double>(workspaces_.front()->bytes()) / (1 << 20),
                static_cast<double>(constants_.bytes()) / (1 << 20));
}

void GpuExecutable::run_passes(Call& call) const {
  for (const auto& workspace : workspaces_) workspace->clear_activity();
  for (std::int64_t pass = 0; pass * shape_.images < call.images; ++pass) enqueue_pass(call, pass);
  for (const auto& workspace : workspaces_) workspace->fetch_activity();
  device_->synchronize();
  Tensor<std::int32_t>& accumulators = call.result.stored_accumulators();
  std::memcpy(accumulators.data(), call.pinned_accumulators,
              static_cast<std::size_t>(accumulators.size()) * sizeof(std::int32_t));
  if (!shape_.wanted.counts) return;
  for (const auto& workspace : workspaces_) workspace->add_activity_to(call.result.activity());
}

void GpuExecutable::enqueue_pass(Call& call, std::int64_t pass) const {
  const std::int64_t first = pass * shape_.images, images = std::min<std::int64_t>(shape_.images, call.images - first);
  std::int8_t* input = call.pinned_input + first * call.input_step;
  std::memcpy(input, call.input.data() + first * call.input_step, static_cast<std::size_t>(images * call.input_step));
  const auto destination = [&](const Fetch& fetch) -> void* {
    if (fetch.what == Fetch::What::accumulators) return call.pinned_accumulators + first * call.accumulators_step;
    return recorded_row(fetch, *call.records[static_cast<std::size_t>(fetch.node)], first);
  };
  Workspace& workspace = *workspaces_[static_cast<std::size_t>(pass) % workspaces_.size()];
  workspace.enqueue(static_cast<int>(images), input, destination);
}

}  // namespace neurocuda::runtime::gpu
