#pragma once

#include "runtime/gpu/column_block.hpp"
#include "runtime/gpu/source_patches.hpp"
#include "runtime/gpu/spike_operands.hpp"

/// The fused layer: one block computes `rows` output positions x `columns` channels for all T timesteps. Per timestep
/// an implicit GEMM of the source's spikes (A: positions x inputs) with the weights (B: inputs x channels) adds
/// straight to the membranes, which are the accumulators of the tensor cores and never leave the registers; then skips,
/// bias, fire, soft reset, and the spikes leave as bits. Weights are read once per block; the spikes that the block
/// needs come through shared memory, those of t + 1 while t is computed.
///
/// `Thread` is the device (cuda/device_thread.cuh) or its emulation in the tests: index(), threads(), block(),
/// shared(), sync(), copy4(), copy16(), wait_copies(), multiply(), quad_or().
namespace neurocuda::runtime::gpu {

/// Registers of one lane.
template <int kColumnTiles>
struct LaneState {
  std::int32_t v[kRowTiles][kColumnTiles][4];  ///< membranes: fragments of C
  int row[kLaneRows];                          ///< image * T * positions + position of the lane's rows; -1: none
};

/// kCarries: membranes come from the block of timesteps before and go to the next. That takes registers, so runs of one
/// block do without.
template <int kColumnTiles, bool kCarries, class Thread>
class FusedLayer {
 public:
  NEUROCUDA_HD FusedLayer(Thread& thread, const TensorCoreLayer& layer)
      : thread_(thread),
        layer_(layer),
        shared_(thread.shared()),
        tile_(thread.block() / layer.column_blocks),
        block_(layer, shared_, thread.block() % layer.column_blocks),
        patches_(thread, layer, tile_),
        lane_(thread.index() % kLanes),
        warp_row_(thread.index() / kLanes * kWarpRows) {}

  NEUROCUDA_HD void run() {
    load_weights();
    block_.load_constants(thread_);
    patches_.clear_zeros(2);
    patches_.fill_table();
    patches_.copy_timestep(0, 0);
    thread_.wait_copies();
    thread_.sync();
    start();
    // With accumulate_then_fire, T steps that integrate and T that fire.
    const int steps = layer_.accumulate_then_fire ? 2 * layer_.timesteps : layer_.timesteps;
    for (int step = 0; step < steps; ++step) {
      const bool integrates = step < layer_.timesteps;
      if (integrates) {
        thread_.wait_copies();
        thread_.sync();  // the patches of this step are there, and nobody reads those of the step before
        if (step + 1 < layer_.timesteps) patches_.copy_timestep(step + 1, (step + 1) % 2);
        if (busy()) multiply(step);
      }
      if (busy()) finish(step, integrates);
    }
    if constexpr (kCarries) each_carried([](std::int32_t& carried, std::int32_t& v) { carried = v; });
  }

 private:
  static constexpr int kColumns = kTileColumns * kColumnTiles;
  static constexpr int kWords = ColumnBlock<kColumns>::kWords;
  static constexpr int kTilesPerWord = kColumns < 32 ? kColumnTiles : 4;

  NEUROCUDA_HD const std::int32_t* constants(int which) const { return block_.constants(which); }
  /// A warp beyond the last row only helps with the copies.
  NEUROCUDA_HD bool busy() const {
    return row_of(layer_.tiling, tile_, warp_row_, layer_.images, layer_.positions).valid;
  }

  NEUROCUDA_HD void load_weights() {
    const int words = layer_.at.constants;
    const std::uint32_t* from = layer_.weights + static_cast<std::int64_t>(block_.index()) * words;
    for (int i = 4 * thread_.index(); i < words; i += 4 * thread_.threads()) thread_.copy16(shared_ + i, from + i);
  }

  NEUROCUDA_HD void start() {
    NEUROCUDA_UNROLL
    for (int i = 0; i < kLaneRows; ++i) {
      const Row at = row_of(layer_.tiling, tile_, warp_row_ + 8 * i + quad_of(lane_), layer_.images, layer_.positions);
      lane_state_.row[i] = at.valid ? at.image * layer_.timesteps * layer_.positions + at.position : -1;
    }
    NEUROCUDA_UNROLL
    for (int n = 0; n < kColumnTiles; ++n) {
      NEUROCUDA_UNROLL
      for (int r = 0; r < 4; ++r) {
        const std::int32_t v0 = constants(kInitial)[column(n, r)];
        NEUROCUDA_UNROLL
        for (int m = 0; m < kRowTiles; ++m) lane_state_.v[m][n][r] = v0;
      }
    }
    if constexpr (kCarries) {
      if (layer_.first_timestep > 0) each_carried([](std::int32_t& carried, std::int32_t& v) { v = carried; });
    }
  }

  /// visit(carried membrane, membrane) for all of the lane.
  template <class Visit>
  NEUROCUDA_HD void each_carried(const Visit& visit) {
    const int per_image = layer_.timesteps * layer_.positions;
    NEUROCUDA_UNROLL
    for (int i = 0; i < kLaneRows; ++i) {
      if (lane_state_.row[i] < 0) continue;
      const int image = lane_state_.row[i] / per_image, position = lane_state_.row[i] % per_image;
      std::int32_t* carried =
          layer_.carried + (std::int64_t{image} * layer_.positions + position) * layer_.channels + first_channel();
      NEUROCUDA_UNROLL
      for (int n = 0; n < kColumnTiles; ++n) {
        NEUROCUDA_UNROLL
        for (int r = 0; r < 2; ++r) {
          if (first_channel() + column(n, r) < layer_.channels) visit(carried[column(n, r)], membrane(i, n, r));
        }
      }
    }
  }

  /// The block's column of register r of column tile n.
  NEUROCUDA_HD int column(int n, int r) const { return kTileColumns * n + 2 * member_of(lane_) + r % 2; }

  /// v += A B over all groups, taps and words of 32 channels. Where sums of spikes are read, A holds the sums.
  NEUROCUDA_HD void multiply(int t) {
    const std::uint32_t* weights = shared_ + 4 * lane_;
    const std::uint16_t* offsets = patches_.table() + warp_row_ + quad_of(lane_);
    const int buffer = layer_.at.patches + t % 2 * layer_.at.buffer_words;
    for (int g = 0; g < layer_.group_count; ++g) {
      const int taps = layer_.groups[g].window.taps(), words = layer_.groups[g].words;
      const int summands = layer_.groups[g].summands();
      for (int tap = 0; tap < taps; ++tap, offsets += summands * layer_.tiling.rows) {
        if (summands == 1) {
          int positions[kLaneRows];
          NEUROCUDA_UNROLL
          for (int i = 0; i < kLaneRows; ++i) positions[i] = buffer + offsets[8 * i];
          for (int word = 0; word < words; ++word, weights += weight_words(kColumns)) step(positions, word, weights);
        } else {
          for (int word = 0; word < words; ++word, weights += weight_words(kColumns))
            step_sums(offsets, summands, buffer + word, weights);
        }
      }
    }
  }

  NEUROCUDA_HD void step(const int (&positions)[kLaneRows], int word, const std::uint32_t* weights) {
    std::uint32_t a[kRowTiles][4] = {};
    add_spikes(a, member_of(lane_), [&](int i) { return shared_[positions[i] + word]; });
    multiply(a, weights);
  }

  /// The bytes of up to kMostSummands words add up without carries.
  NEUROCUDA_HD void step_sums(const std::uint16_t* offsets, int summands, int base, const std::uint32_t* weights) {
    std::uint32_t a[kRowTiles][4] = {};
    for (int s = 0; s < summands; ++s, offsets += layer_.tiling.rows) {
      add_spikes(a, member_of(lane_), [&](int i) { return shared_[base + offsets[8 * i]]; });
    }
    multiply(a, weights);
  }

  NEUROCUDA_HD void multiply(const std::uint32_t (&a)[kRowTiles][4], const std::uint32_t* weights) {
    std::uint32_t b[kColumnTiles][2];
    unpack_weights(b, [&](int pair) { return *reinterpret_cast<const Words4*>(weights + pair * 4 * kLanes); });
    thread_.multiply(lane_state_.v, a, b);
  }

  /// Skips, bias, fire, reset, and the spikes of the lane's rows leave. Word by word, so that few constants are held at
  /// a time.
  NEUROCUDA_HD void finish(int step, bool integrates) {
    const bool fires = !layer_.accumulate_then_fire || !integrates;
    const int t = integrates ? step : step - layer_.timesteps;
    NEUROCUDA_UNROLL
    for (int w = 0; w < kWords; ++w) {
      if (integrates) {
        for (int s = 0; s < layer_.skip_count; ++s) add_skip(s, t, w);
        add_bias(t, w);
      }
      if (fires) fire(t, w);
    }
    if (fires && layer_.membranes != nullptr) record_membranes(t);
  }

  /// The membrane of the lane's row i in column tile n, register r of its two.
  NEUROCUDA_HD std::int32_t& membrane(int i, int n, int r) { return lane_state_.v[i / 2][n][2 * (i % 2) + r]; }

  NEUROCUDA_HD void add_bias(int t, int w) {
    const int row = kCarries ? layer_.first_timestep + t : t;
    if (row < layer_.bias_timesteps) {
      add_bias(block_.biases_at(row), w);
    } else {
      add_bias(constants(kBias), w);
    }
  }

  NEUROCUDA_HD void add_bias(const std::int32_t* biases, int w) {
    NEUROCUDA_UNROLL
    for (int j = 0; j < kTilesPerWord; ++j) {
      NEUROCUDA_UNROLL
      for (int r = 0; r < 2; ++r) {
        const int n = w * kTilesPerWord + j;
        const std::int32_t bias = biases[column(n, r)];
        NEUROCUDA_UNROLL
        for (int i = 0; i < kLaneRows; ++i) membrane(i, n, r) += bias;
      }
    }
  }

  NEUROCUDA_HD void add_skip(int s, int t, int w) {
    std::uint32_t spikes[kLaneRows];
    NEUROCUDA_UNROLL
    for (int i = 0; i < kLaneRows; ++i) spikes[i] = skip_word(layer_.skips[s], i, t, w);
    NEUROCUDA_UNROLL
    for (int j = 0; j < kTilesPerWord; ++j) {
      NEUROCUDA_UNROLL
      for (int r = 0; r < 2; ++r) {
        const int n = w * kTilesPerWord + j;
        const std::int32_t weight = constants(kFirstSkip + s)[column(n, r)];
        NEUROCUDA_UNROLL
        for (int i = 0; i < kLaneRows; ++i) {
          if (spikes[i] >> (kTileColumns * j + r) & 1U) membrane(i, n, r) += weight;
        }
      }
    }
  }

  /// The skip's bits for row i, the lane's first column at bit 0.
  NEUROCUDA_HD std::uint32_t skip_word(const TensorCoreSkip& skip, int i, int t, int w) const {
    if (lane_state_.row[i] < 0 || !block_.has_word(w)) return 0;
    return skip.spikes[at_timestep(i, t) * skip.stride + block_.first_word() + w] >>
           (block_.first_bit() + 2 * member_of(lane_));
  }

  /// Positions before row i at timestep t.
  NEUROCUDA_HD std::int64_t at_timestep(int i, int t) const { return lane_state_.row[i] + t * layer_.positions; }

  NEUROCUDA_HD int first_channel() const { return block_.first_channel(); }

  NEUROCUDA_HD void fire(int t, int w) {
    std::uint32_t spikes[kLaneRows] = {};
    NEUROCUDA_UNROLL
    for (int j = 0; j < kTilesPerWord; ++j) {
      NEUROCUDA_UNROLL
      for (int r = 0; r < 2; ++r) {
        const int n = w * kTilesPerWord + j;
        const std::int32_t theta = constants(kTheta)[column(n, r)];
        NEUROCUDA_UNROLL
        for (int i = 0; i < kLaneRows; ++i) {
          if (membrane(i, n, r) < theta) continue;
          membrane(i, n, r) -= theta;
          spikes[i] |= 1U << (kTileColumns * j + r);
        }
      }
    }
    NEUROCUDA_UNROLL
    for (int i = 0; i < kLaneRows; ++i) store(i, t, w, thread_.quad_or(spikes[i] << (2 * member_of(lane_))));
  }

  NEUROCUDA_HD void store(int i, int t, int w, std::uint32_t spikes) {
    if (member_of(lane_) != 0 || lane_state_.row[i] < 0 || !block_.has_word(w)) return;
    block_.store(layer_.out + at_timestep(i, t) * layer_.stride + block_.first_word() + w, spikes);
  }

  NEUROCUDA_HD void record_membranes(int t) {
    NEUROCUDA_UNROLL
    for (int i = 0; i < kLaneRows; ++i) {
      if (lane_state_.row[i] < 0) continue;
      const std::int64_t row = at_timestep(i, t);
      std::int32_t* out =
          layer_.membranes + row / layer_.positions * layer_.channels * layer_.positions + row % layer_.positions;
      NEUROCUDA_UNROLL
      for (int n = 0; n < kColumnTiles; ++n) {
        NEUROCUDA_UNROLL
        for (int r = 0; r < 2; ++r) {
          const int channel = first_channel() + column(n, r);
          if (channel < layer_.channels) out[std::int64_t{channel} * layer_.positions] = membrane(i, n, r);
        }
      }
    }
  }

  Thread& thread_;
  const TensorCoreLayer& layer_;
  std::uint32_t* shared_;
  int tile_;
  ColumnBlock<kColumns> block_;
  SourcePatches<Thread> patches_;
  int lane_, warp_row_;
  LaneState<kColumnTiles> lane_state_;
};

}  // namespace neurocuda::runtime::gpu
