#include "runtime/gpu/workspace.hpp"

#include <algorithm>

namespace neurocuda::runtime::gpu {
namespace {

std::size_t input_bytes_of(const NetworkPlan& plan, const RunShape& run) {
  const PlannedNode& input = plan.nodes.front();
  const std::int64_t steps = input.held == Held::constant ? 1 : run.timesteps;
  return static_cast<std::size_t>(steps * input.channels * input.positions());
}

std::vector<Kernel> for_images(std::vector<Kernel> kernels, int images, int first_timestep = 0) {
  for (Kernel& kernel : kernels) {
    std::visit(
        [&](auto& any) {
          any.images = images;
          any.first_timestep = first_timestep;
        },
        kernel);
  }
  return kernels;
}

}  // namespace

Workspace::Workspace(Device& device, int stream, const program::Program& program, const NetworkPlan& plan,
                     const char* constants, const RunShape& run, const CarriedState& carried)
    : device_(device),
      stream_(stream),
      input_bytes_(input_bytes_of(plan, run)),
      activity_bytes_(
          run.wanted.counts ? 2 * plan.nodes.size() * static_cast<std::size_t>(run.timesteps) * sizeof(Counter) : 0) {
  const Buffers buffers = plan_buffers(program, plan, run);
  memory_ = Memory(device, Memory::Kind::device, static_cast<std::size_t>(buffers.total));
  synapses_ = Memory(device, Memory::Kind::device, std::max<std::size_t>(1, synapse_count(plan)) * sizeof(Synapses));
  activity_ = Memory(device, Memory::Kind::device, activity_bytes_);
  host_activity_ = Memory(device, Memory::Kind::pinned, activity_bytes_);
  schedule_ = make_schedule(program, plan, buffers, run, device.limits(),
                            {memory_.data(), constants, reinterpret_cast<Synapses*>(synapses_.data()),
                             reinterpret_cast<Counter*>(activity_.data()), carried});
  ensure(schedule_.synapses.size() == synapse_count(plan), "gpu: the schedule's synapse groups were miscounted");
  device.upload(stream, synapses_.data(), schedule_.synapses.data(), schedule_.synapses.size() * sizeof(Synapses));
  input_ = memory_.data() + buffers.nodes.front().input;
}

void Workspace::clear_activity() {
  if (activity_bytes_ > 0) device_.clear(stream_, activity_.data(), activity_bytes_);
}

void Workspace::fetch_activity() {
  if (activity_bytes_ > 0) device_.download(stream_, host_activity_.data(), activity_.data(), activity_bytes_);
}

void Workspace::upload(int images, const std::int8_t* input) {
  device_.upload(stream_, input_, input, input_bytes_ * static_cast<std::size_t>(images));
}

void Workspace::add_activity_to(Activity& activity) const {
  const auto* counted = reinterpret_cast<const Counter*>(host_activity_.data());
  const std::int64_t size = activity.spikes.size();
  for (std::int64_t i = 0; i < size; ++i) {
    activity.spikes[i] += static_cast<std::int64_t>(counted[i]);
    activity.synaptic_operations[i] += static_cast<std::int64_t>(counted[size + i]);
  }
}

/// A batch size that comes again is worth recording; what begins at another timestep is not the same.
void Workspace::launch(std::size_t part, int images, int first_timestep) {
  if (images == last_images_ && first_timestep == 0) return device_.replay(stream_, recorded(part, images));
  for (const Kernel& kernel : for_images(schedule_.parts[part].kernels, images, first_timestep)) {
    device_.launch(stream_, kernel);
  }
}

const Device::Sequence& Workspace::recorded(std::size_t part, int images) {
  if (recorded_images_ != images) {
    recorded_.clear();
    recorded_.resize(schedule_.parts.size());
    recorded_images_ = images;
  }
  if (!recorded_[part]) {
    recorded_[part] = device_.record(stream_, for_images(schedule_.parts[part].kernels, images));
  }
  return *recorded_[part];
}

}  // namespace neurocuda::runtime::gpu
