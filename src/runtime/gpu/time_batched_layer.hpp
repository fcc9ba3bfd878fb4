#pragma once

#include "runtime/gpu/spike_operands.hpp"
#include "runtime/gpu/time_scan.hpp"

namespace neurocuda::runtime::gpu {

/// What one 8-byte access moves.
struct alignas(8) Currents2 {
  std::int32_t value[2];
};

/// The fused layer with time as a batch dimension: a layer reads no later layer, so the currents of all timesteps are
/// one matrix product, and only the scan over t is sequential. One block computes some output positions x `columns`
/// channels, tile by tile of timesteps: the currents of a tile by an implicit GEMM (A: positions x timesteps, by
/// inputs; B: inputs x channels), to shared memory, then the scan (time_scan.hpp). Weights come once a tile, a few
/// k-steps ahead. Where there are few rows, warps share the inputs of the same rows, and the scan adds up their parts.
///
/// `Thread`: as FusedLayer wants it, with commit_copies(), wait_copies_but(), and ballot() and broadcast() for the
/// scan.
template <int kColumnTiles, class Thread>
class TimeBatchedKernel {
 public:
  NEUROCUDA_HD TimeBatchedKernel(Thread& thread, const TimeBatchedLayer& layer)
      : thread_(thread),
        layer_(layer),
        shared_(thread.shared()),
        tile_(thread.block() / layer.column_blocks),
        block_(layer, shared_, thread.block() % layer.column_blocks),
        patches_(thread, layer, tile_),
        lane_(thread.index() % kLanes),
        warp_(thread.index() / kLanes) {}

  NEUROCUDA_HD void run() {
    TimeScan<kColumns, Thread> scan(thread_, layer_, block_, tile_);
    block_.load_constants(thread_);
    patches_.clear_zeros(layer_.steps);
    patches_.fill_table();
    patches_.copy_timesteps(0, steps_from(0));
    find_rows();
    for (int first = 0; first < layer_.timesteps; first += layer_.steps) {
      thread_.wait_copies();
      thread_.sync();  // the patches of this tile are there, and nobody reads the currents of the tile before
      if (busy()) {
        multiply();
        store_currents();
      }
      thread_.sync();  // all currents are there, and nobody reads the patches
      const int next = first + layer_.steps;
      if (next < layer_.timesteps) patches_.copy_timesteps(next, steps_from(next));
      scan.run(first, steps_from(first));
    }
  }

 private:
  static constexpr int kColumns = kTileColumns * kColumnTiles;
  /// K-steps of weights that are there or under way, a power of two, and the words of each: they fit where a warp's
  /// currents stand.
  static constexpr int kStages = 4, kSlot = kColumns * kTileDepth / 4;
  static_assert(kStages * kSlot <= kWarpRows * kColumns);

  /// Timesteps of the tile that begins at `first`: the last tile may have fewer.
  NEUROCUDA_HD int steps_from(int first) const {
    const int left = layer_.timesteps - first;
    return left < layer_.steps ? left : layer_.steps;
  }
  NEUROCUDA_HD int warp_row() const { return warp_ % layer_.row_warps * kWarpRows; }
  NEUROCUDA_HD int part() const { return warp_ / layer_.row_warps; }

  /// A warp beyond the last position computes nothing.
  NEUROCUDA_HD bool busy() const {
    const int position = warp_row() / layer_.steps;
    return position < layer_.tiling.rows &&
           row_of(layer_.tiling, tile_, position, layer_.images, layer_.positions).valid;
  }

  /// Row = position of the tile * steps + timestep. Rows beyond the last position compute what nobody reads.
  NEUROCUDA_HD void find_rows() {
    NEUROCUDA_UNROLL
    for (int i = 0; i < kLaneRows; ++i) {
      const int row = warp_row() + 8 * i + quad_of(lane_), position = row / layer_.steps;
      const bool exists = position < layer_.tiling.rows;
      row_[i] = exists ? position | row % layer_.steps << 16 : 0;
    }
  }

  /// Column of the table, and words before the patch buffer, of the lane's row i.
  NEUROCUDA_HD int entry(int i) const { return row_[i] & 0xffff; }
  NEUROCUDA_HD int buffer(int i) const { return layer_.at.patches + (row_[i] >> 16) * layer_.at.buffer_words; }

  /// v = A B over the warp's part of all groups, taps and words of 32 channels: every parts-th k-step is its own.
  NEUROCUDA_HD void multiply() {
    clear();
    first_weights();
    const int parts = layer_.parts;
    int next = part();  // the warp's next k-step, from the first of a tap
    const std::uint16_t* offsets = patches_.table();
    for (int g = 0; g < layer_.group_count; ++g) {
      const int taps = layer_.groups[g].window.taps(), words = layer_.groups[g].words;
      const int summands = layer_.groups[g].summands();
      for (int tap = 0; tap < taps; ++tap, offsets += summands * layer_.tiling.rows) {
        int word = next;
        next = (next - words) & (parts - 1);
        if (word >= words) continue;
        if (summands == 1) {
          int positions[kLaneRows];
          NEUROCUDA_UNROLL
          for (int i = 0; i < kLaneRows; ++i) positions[i] = buffer(i) + offsets[entry(i)];
          for (; word < words; word += parts) step(positions, word);
        } else {
          for (; word < words; word += parts) step_sums(offsets, summands, word);
        }
      }
    }
  }

  NEUROCUDA_HD void clear() {
    NEUROCUDA_UNROLL
    for (int n = 0; n < kColumnTiles; ++n) {
      NEUROCUDA_UNROLL
      for (int r = 0; r < 4; ++r) {
        NEUROCUDA_UNROLL
        for (int m = 0; m < kRowTiles; ++m) v_[m][n][r] = 0;
      }
    }
  }

  NEUROCUDA_HD void step(const int (&positions)[kLaneRows], int word) {
    std::uint32_t a[kRowTiles][4] = {};
    add_spikes(a, member_of(lane_), [&](int i) { return shared_[positions[i] + word]; });
    multiply(a);
  }

  NEUROCUDA_HD void step_sums(const std::uint16_t* offsets, int summands, int word) {
    std::uint32_t a[kRowTiles][4] = {};
    for (int s = 0; s < summands; ++s, offsets += layer_.tiling.rows) {
      add_spikes(a, member_of(lane_), [&](int i) { return shared_[buffer(i) + offsets[entry(i)] + word]; });
    }
    multiply(a);
  }

  NEUROCUDA_HD void multiply(const std::uint32_t (&a)[kRowTiles][4]) {
    thread_.template wait_copies_but<kStages - 2>();
    const std::uint32_t* weights = ring() + slot_;
    std::uint32_t b[kColumnTiles][2];
    unpack_weights(b, [&](int pair) { return *reinterpret_cast<const Words4*>(weights + pair * 4 * kLanes); });
    copy_weights((slot_ - kSlot) & (kStages * kSlot - 1));  // where those of the k-step before stood
    slot_ = (slot_ + kSlot) & (kStages * kSlot - 1);
    thread_.multiply(v_, a, b);
  }

  /// The lane's weights of the next kStages k-steps, where the warp's currents will stand. A lane reads what it has
  /// copied itself, so nobody waits for another.
  NEUROCUDA_HD std::uint32_t* ring() const {
    return shared_ + layer_.currents + warp_ * kWarpRows * currents_pitch(kColumns) + 4 * lane_;
  }

  NEUROCUDA_HD void first_weights() {
    const int k_steps = layer_.k_steps();
    weights_ = layer_.weights + (std::int64_t{block_.index()} * k_steps + part()) * kSlot + 4 * lane_;
    left_ = k_steps - part();
    slot_ = 0;
    for (int stage = 0; stage < kStages - 1; ++stage) copy_weights(stage * kSlot);
  }

  /// Starts the copies of another k-step.
  NEUROCUDA_HD void copy_weights(int slot) {
    if (left_ > 0) {
      std::uint32_t* to = ring() + slot;
      NEUROCUDA_UNROLL
      for (int pair = 0; pair < kColumnTiles / 2; ++pair) {
        thread_.copy16(to + pair * 4 * kLanes, weights_ + pair * 4 * kLanes);
      }
      weights_ += layer_.parts * kSlot;
      left_ -= layer_.parts;
    }
    thread_.commit_copies();
  }

  NEUROCUDA_HD void store_currents() {
    const int pitch = currents_pitch(kColumns);
    std::uint32_t* to = shared_ + layer_.currents + (warp_ * kWarpRows + quad_of(lane_)) * pitch + 2 * member_of(lane_);
    NEUROCUDA_UNROLL
    for (int i = 0; i < kLaneRows; ++i) {
      NEUROCUDA_UNROLL
      for (int n = 0; n < kColumnTiles; ++n) {
        const std::int32_t* v = &v_[i / 2][n][2 * (i % 2)];
        *reinterpret_cast<Currents2*>(to + 8 * i * pitch + kTileColumns * n) = {{v[0], v[1]}};
      }
    }
  }

  Thread& thread_;
  const TimeBatchedLayer& layer_;
  std::uint32_t* shared_;
  int tile_;
  ColumnBlock<kColumns> block_;
  SourcePatches<Thread> patches_;
  int lane_, warp_;
  int row_[kLaneRows];                          // position of the tile, timestep << 16
  std::int32_t v_[kRowTiles][kColumnTiles][4];  // fragments of C
  const std::uint32_t* weights_ = nullptr;      // of the next k-step to copy
  int left_ = 0, slot_ = 0;  // k-steps until the last; where in the ring the weights of the next product stand
};

}  // namespace neurocuda::runtime::gpu
