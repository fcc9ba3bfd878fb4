#include "support/gpu_emulation/emulated_device.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <type_traits>

#include "runtime/gpu/tensor_core_layer.hpp"
#include "runtime/gpu/time_batched_layer.hpp"
#include "support/gpu_emulation/emulated_block.hpp"

namespace neurocuda::testing {
namespace {

using namespace runtime::gpu;

constexpr int kGarbage = 0xa5;
constexpr std::size_t kAlignment = 256;  // cudaMalloc's

void require(bool holds, const char* what) {
  if (!holds) throw std::logic_error(what);
}

/// `body` on every thread of every block of a layer.
template <class Body>
void run_blocks(const TensorCoreLayer& layer, const Body& body) {
  for (int block = 0; block < layer.blocks(); ++block) {
    EmulatedBlock::run(block, kLanes * layer.tiling.warps, static_cast<std::size_t>(layer.at.total), block % 2 == 1,
                       body);
  }
}

template <int kColumnTiles, bool kCarries>
void run_fused(const TensorCoreLayer& layer) {
  run_blocks(layer,
             [&](EmulatedThread& thread) { FusedLayer<kColumnTiles, kCarries, EmulatedThread>(thread, layer).run(); });
}

template <int kColumnTiles>
void run_kernel(const TensorCoreLayer& layer) {
  layer.carried != nullptr ? run_fused<kColumnTiles, true>(layer) : run_fused<kColumnTiles, false>(layer);
}

template <int kColumnTiles>
void run_kernel(const TimeBatchedLayer& layer) {
  run_blocks(layer,
             [&](EmulatedThread& thread) { TimeBatchedKernel<kColumnTiles, EmulatedThread>(thread, layer).run(); });
}

template <class FusedKernel>
void run_columns(const FusedKernel& layer) {
  switch (layer.tiling.columns) {
    case 64:
      return run_kernel<8>(layer);
    case 32:
      return run_kernel<4>(layer);
    case 16:
      return run_kernel<2>(layer);
    default:
      throw std::logic_error("the kernel is not compiled for so many columns");
  }
}

}  // namespace

EmulatedDevice::~EmulatedDevice() {
  for (const auto& [memory, bytes] : allocations_) std::free(memory);
}

void* EmulatedDevice::allocate(std::size_t bytes) {
  require(bytes <= free_bytes(), "the emulated device is out of memory");
  const std::size_t rounded = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  void* memory = std::aligned_alloc(kAlignment, std::max(rounded, kAlignment));
  std::memset(memory, kGarbage, rounded);
  allocations_[memory] = bytes;
  used_ += bytes;
  return memory;
}

void EmulatedDevice::release(void* memory) noexcept {
  used_ -= allocations_[memory];
  allocations_.erase(memory);
  std::free(memory);
}

void* EmulatedDevice::allocate_pinned(std::size_t bytes) { return std::malloc(std::max<std::size_t>(bytes, 1)); }
void EmulatedDevice::release_pinned(void* memory) noexcept { std::free(memory); }

void EmulatedDevice::upload(int, void* to, const void* from, std::size_t bytes) {
  ++log_->uploads;
  if (bytes > 0) std::memcpy(to, from, bytes);
}
void EmulatedDevice::download(int, void* to, const void* from, std::size_t bytes) { std::memcpy(to, from, bytes); }
void EmulatedDevice::clear(int, void* memory, std::size_t bytes) { std::memset(memory, 0, bytes); }

void EmulatedDevice::launch(int, const Kernel& kernel) {
  std::visit([&](const auto& any) { run(any); }, kernel);
}

namespace {
struct RecordedKernels : Device::Sequence {
  std::vector<Kernel> kernels;
};
}  // namespace

std::unique_ptr<Device::Sequence> EmulatedDevice::record(int, const std::vector<Kernel>& kernels) {
  ++log_->records;
  auto recorded = std::make_unique<RecordedKernels>();
  recorded->kernels = kernels;
  return recorded;
}

void EmulatedDevice::replay(int stream, const Sequence& sequence) {
  ++log_->replays;
  for (const Kernel& kernel : static_cast<const RecordedKernels&>(sequence).kernels) launch(stream, kernel);
}

template <class Kernel>
void EmulatedDevice::run(const Kernel& kernel) {
  if constexpr (std::is_same_v<Kernel, Layer>) ++log_->simple_layers;
  for (std::int64_t i = kernel.count(); i-- > 0;) kernel(i);
}

void EmulatedDevice::run(const TensorCoreLayer& layer) {
  ++log_->fused;
  check(layer);
  run_columns(layer);
}

void EmulatedDevice::run(const TimeBatchedLayer& layer) {
  ++log_->fused;
  log_->time_batched.insert({layer.tiling.columns, layer.tiling.warps, layer.parts});
  log_->longest_time_batched = std::max(log_->longest_time_batched, layer.time_tiles());
  check(layer);
  require(layer.steps >= 1 && layer.steps <= kLanes, "a tile has 1 to 32 timesteps");
  run_columns(layer);
}

void EmulatedDevice::check(const TensorCoreLayer& layer) const {
  require(layer.at.total * static_cast<int>(sizeof(std::uint32_t)) <= options_.shared_bytes,
          "a block asks for more shared memory than there is");
  require(layer.tiling.warps >= 1 && layer.tiling.warps <= 8, "a block has 1 to 8 warps");
}

}  // namespace neurocuda::testing
