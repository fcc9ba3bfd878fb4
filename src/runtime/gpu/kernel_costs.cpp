#include "runtime/gpu/kernel_costs.hpp"

#include <algorithm>

namespace neurocuda::runtime::gpu {
namespace {

// All in nanoseconds, of one multiprocessor with all that runs on it. A step of 32 inputs takes a warp a while even
// when it is alone (latency), and the tensor cores and the shared memory a while for each warp (throughput).
constexpr double kStepLatency = 70, kStepLatencyPerMma = 1.6;
constexpr double kMma = 0.45, kOperands = 2.5;
// The fused kernel, by timestep: by warp and column, of that each skip; and the barrier.
constexpr double kFinish = 4.6, kFinishSkip = 1.4, kBarrier = 200;
// The time-batched kernel: by warp and column; by neuron and timestep of a warp, of that each further part and each
// skip; by timestep that follows another.
constexpr double kStore = 0.9, kScan = 3.3, kScanPart = 0.6, kScanSkip = 1.0, kScanLatency = 20;
// What a block, and a wait for global memory, takes to begin with; bytes that come from the L2 cache.
constexpr double kPrologue = 1500, kLoadLatency = 1500, kBytesPerNanosecond = 41;
constexpr double kLaunch = 3000;

/// What shared memory a block takes beside its own.
constexpr int kReservedBytes = 1024;
/// 128 registers per thread leave room for so many warps.
constexpr int kResidentWarps = 16;

/// The blocks of a launch on the multiprocessors.
struct Occupancy {
  int resident = 1;  ///< blocks at once on a multiprocessor
  int waves = 1;     ///< blocks one after the other
};

Occupancy occupancy(const TensorCoreLayer& layer, const DeviceLimits& limits) {
  const int bytes = layer.at.total * static_cast<int>(sizeof(std::uint32_t));
  const int fit =
      std::min(kResidentWarps / layer.tiling.warps, (limits.shared_bytes + kReservedBytes) / (bytes + kReservedBytes));
  const int most = std::max(1, fit), blocks = layer.blocks();
  return {std::min(most, ceil_div(blocks, limits.multiprocessors)),
          std::max(1, ceil_div(blocks, most * limits.multiprocessors))};
}

/// The products of `warps` warps on one multiprocessor that each take a `share` of the steps.
double product(const TensorCoreLayer& layer, int warps, double share) {
  const int mma = kRowTiles * layer.tiling.columns / kTileColumns;
  double reads = 0;
  for (int g = 0; g < layer.group_count; ++g) reads += double{1} * layer.groups[g].words * layer.groups[g].reads();
  const double step = kStepLatency + kStepLatencyPerMma * mma + warps * kMma * mma;
  return share * (layer.k_steps() * step + reads * warps * kOperands);
}

double weight_bytes(const TensorCoreLayer& layer) {
  return double{sizeof(std::uint32_t)} * layer.k_steps() * weight_words(layer.tiling.columns);
}

}  // namespace

double predicted_microseconds(const TensorCoreLayer& layer, const DeviceLimits& limits) {
  const auto [resident, waves] = occupancy(layer, limits);
  const int warps = resident * layer.tiling.warps;
  const double finish = warps * layer.tiling.columns * (kFinish + kFinishSkip * layer.skip_count);
  const double timestep = product(layer, warps, 1) + finish + kBarrier;
  const double block = kPrologue + resident * weight_bytes(layer) / kBytesPerNanosecond + layer.timesteps * timestep;
  return (kLaunch + waves * block) / 1000;
}

double predicted_microseconds(const TimeBatchedLayer& layer, const DeviceLimits& limits) {
  const auto [resident, waves] = occupancy(layer, limits);
  const int warps = layer.tiling.warps, parts = layer.parts, words = ceil_div(layer.tiling.columns, kLanes);
  const double share = double{1} * ceil_div(layer.k_steps(), parts) / layer.k_steps();
  const double patches = double{sizeof(std::uint32_t)} * layer.steps * layer.at.buffer_words;
  const double load = kLoadLatency + resident * patches / kBytesPerNanosecond;
  const double multiply =
      std::max(product(layer, resident * warps, share), resident * weight_bytes(layer) / kBytesPerNanosecond);
  const double store = kStore * resident * warps * layer.tiling.columns;
  const double neuron = kScan + kScanPart * (parts - 1) + kScanSkip * layer.skip_count;
  const double scan = layer.steps * std::max(resident * layer.tiling.rows * words * neuron,
                                             ceil_div(layer.tiling.rows * words, warps) * kScanLatency);
  return (kLaunch + waves * (kPrologue + layer.time_tiles() * (load + multiply + store + scan))) / 1000;
}

}  // namespace neurocuda::runtime::gpu
