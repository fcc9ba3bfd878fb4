#pragma once

#include "runtime/gpu/tensor_core_args.hpp"

/// The fused layer: one block computes `rows` output positions x `columns` channels for all T timesteps. Per timestep
/// an implicit GEMM of the source's spikes (A: positions x inputs) with the weights (B: inputs x channels) adds
/// straight to the membranes, which are the accumulators of the tensor cores and never leave the registers; then skips,
/// bias, fire, soft reset, and the spikes leave as bits. Weights are read once per block; the spikes that the block
/// needs come through shared memory, those of t + 1 while t is computed.
///
/// `Thread` is the device (cuda/device_thread.cuh) or its emulation in the tests: index(), threads(), block(),
/// shared(), sync(), copy4(), copy16(), wait_copies(), multiply(), quad_or().
namespace neurocuda::runtime::gpu {

struct alignas(16) Words4 {
  std::uint32_t word[4];
};

/// Rows whose membranes a lane holds parts of: quad_of(lane) + 8 i of its warp's.
inline constexpr int kLaneRows = 2 * kRowTiles;

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
        column_block_(thread.block() % layer.column_blocks),
        lane_(thread.index() % kLanes),
        warp_row_(thread.index() / kLanes * kWarpRows) {}

  NEUROCUDA_HD void run() {
    load_weights();
    load_constants();
    clear_zeros();
    fill_table();
    copy_patches(0);
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
        if (step + 1 < layer_.timesteps) copy_patches(step + 1);
        if (busy()) multiply(step);
      }
      if (busy()) finish(step, integrates);
    }
    if constexpr (kCarries) each_carried([](std::int32_t& carried, std::int32_t& v) { carried = v; });
  }

 private:
  static constexpr int kColumns = kTileColumns * kColumnTiles;
  /// Output words that hold a block's columns; one word is shared by several blocks when there are fewer than 32.
  static constexpr int kWords = kColumns < 32 ? 1 : kColumns / 32;
  static constexpr int kTilesPerWord = kColumns < 32 ? kColumnTiles : 4;

  NEUROCUDA_HD const std::int32_t* constants(int which) const {
    return reinterpret_cast<const std::int32_t*>(shared_ + layer_.at.constants) + which * kColumns;
  }
  NEUROCUDA_HD std::uint16_t* table() const { return reinterpret_cast<std::uint16_t*>(shared_ + layer_.at.table); }
  NEUROCUDA_HD std::uint32_t* patches(int t) const {
    return shared_ + layer_.at.patches + t % 2 * layer_.at.buffer_words;
  }
  /// A warp beyond the last row only helps with the copies.
  NEUROCUDA_HD bool busy() const {
    return row_of(layer_.tiling, tile_, warp_row_, layer_.images, layer_.positions).valid;
  }

  NEUROCUDA_HD void load_weights() {
    const int words = layer_.at.constants;
    const std::uint32_t* from = layer_.weights + static_cast<std::int64_t>(column_block_) * words;
    for (int i = 4 * thread_.index(); i < words; i += 4 * thread_.threads()) thread_.copy16(shared_ + i, from + i);
  }

  NEUROCUDA_HD void load_constants() {
    const int count = layer_.constant_rows() * kColumns;
    const std::int32_t* from = layer_.constants + column_block_ * count;
    auto* to = reinterpret_cast<std::int32_t*>(shared_ + layer_.at.constants);
    for (int i = thread_.index(); i < count; i += thread_.threads()) to[i] = from[i];
  }

  NEUROCUDA_HD void clear_zeros() {
    for (int i = thread_.index(); i < 2 * layer_.at.zero_words; i += thread_.threads()) {
      patches(i / layer_.at.zero_words)[i % layer_.at.zero_words] = 0;
    }
  }

  /// Divisions by the extents happen here, once, and not in the loops over t.
  NEUROCUDA_HD void fill_table() {
    const int rows = layer_.tiling.rows;
    int first_read = 0, base = layer_.at.zero_words;
    for (int g = 0; g < layer_.group_count; ++g) {
      const TensorCoreGroup& group = layer_.groups[g];
      const int reads = group.reads();
      for (int i = thread_.index(); i < reads * rows; i += thread_.threads()) {
        table()[first_read * rows + i] = static_cast<std::uint16_t>(patch_offset(group, base, i / rows, i % rows));
      }
      first_read += reads;
      base += layer_.tiling.images_per_tile * group.patch_words;
    }
  }

  /// Words from the start of a patch buffer to the position that `row` reads; 0, where zeros stand, for padding.
  NEUROCUDA_HD int patch_offset(const TensorCoreGroup& group, int base, int read, int row) const {
    const Row at = row_of(layer_.tiling, tile_, row, layer_.images, layer_.positions);
    if (!at.valid) return 0;
    const int y = at.position / layer_.width, x = at.position % layer_.width;
    const int position = group.source_position(y, x, read);
    if (position < 0) return 0;
    const int first = patch(group).first * group.width;
    const int image = at.image - first_image(layer_.tiling, tile_);
    return base + image * group.patch_words + (position - first) * group.stride;
  }

  NEUROCUDA_HD RowRange patch(const TensorCoreGroup& group) const {
    return group.patch_rows(layer_.tiling, tile_, layer_.width, layer_.positions);
  }

  /// Starts the copies of the source rows at timestep t: each image's are one stretch of memory.
  NEUROCUDA_HD void copy_patches(int t) {
    std::uint32_t* to = patches(t) + layer_.at.zero_words;
    const int image = first_image(layer_.tiling, tile_);
    const int images = images_in(layer_.tiling, tile_, layer_.images);
    for (int g = 0; g < layer_.group_count; ++g) {
      const TensorCoreGroup& group = layer_.groups[g];
      const RowRange rows = patch(group);
      const std::int64_t positions = static_cast<std::int64_t>(group.height) * group.width;
      const std::uint32_t* from = group.spikes +
                                  (image * std::int64_t{layer_.timesteps} + t) * positions * group.stride +
                                  static_cast<std::int64_t>(rows.first) * group.width * group.stride;
      copy_images(to, from, group.patch_words, layer_.timesteps * positions * group.stride,
                  rows.count * group.width * group.stride, images);
      to += layer_.tiling.images_per_tile * group.patch_words;
    }
  }

  /// `words` words from each of several images. 16 bytes at a time where every start is so aligned.
  NEUROCUDA_HD void copy_images(std::uint32_t* to, const std::uint32_t* from, int to_step, std::int64_t from_step,
                                int words, int images) {
    const bool wide =
        words % 4 == 0 && to_step % 4 == 0 && from_step % 4 == 0 && reinterpret_cast<std::uintptr_t>(from) % 16 == 0;
    const int unit = wide ? 4 : 1, units = words / unit;
    for (int i = thread_.index(); i < units * images; i += thread_.threads()) {
      const int image = i / units, word = (i - image * units) * unit;
      std::uint32_t* target = to + image * to_step + word;
      const std::uint32_t* source = from + image * from_step + word;
      wide ? thread_.copy16(target, source) : thread_.copy4(target, source);
    }
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
    const std::uint16_t* offsets = table() + warp_row_ + quad_of(lane_);
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
    std::uint32_t a[kRowTiles][4];
    NEUROCUDA_UNROLL
    for (int i = 0; i < kLaneRows; ++i) {
      const std::uint32_t spikes = shared_[positions[i] + word];
      a[i / 2][i % 2] = expand_spikes(spikes, member_of(lane_), 0);
      a[i / 2][i % 2 + 2] = expand_spikes(spikes, member_of(lane_), 1);
    }
    multiply(a, weights);
  }

  /// The bytes of up to kMostSummands words add up without carries.
  NEUROCUDA_HD void step_sums(const std::uint16_t* offsets, int summands, int base, const std::uint32_t* weights) {
    std::uint32_t a[kRowTiles][4] = {};
    for (int s = 0; s < summands; ++s, offsets += layer_.tiling.rows) {
      NEUROCUDA_UNROLL
      for (int i = 0; i < kLaneRows; ++i) {
        const std::uint32_t spikes = shared_[base + offsets[8 * i]];
        a[i / 2][i % 2] += expand_spikes(spikes, member_of(lane_), 0);
        a[i / 2][i % 2 + 2] += expand_spikes(spikes, member_of(lane_), 1);
      }
    }
    multiply(a, weights);
  }

  NEUROCUDA_HD void multiply(const std::uint32_t (&a)[kRowTiles][4], const std::uint32_t* weights) {
    std::uint32_t b[kColumnTiles][2];
    NEUROCUDA_UNROLL
    for (int n = 0; n < kColumnTiles; n += 2) {
      const Words4 four = *reinterpret_cast<const Words4*>(weights + n / 2 * 4 * kLanes);
      b[n][0] = four.word[0];
      b[n][1] = four.word[1];
      b[n + 1][0] = four.word[2];
      b[n + 1][1] = four.word[3];
    }
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
      add_bias(layer_.biases + (std::int64_t{column_block_} * layer_.bias_timesteps + row) * kColumns, w);
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
    if (lane_state_.row[i] < 0 || first_word() + w >= layer_.words) return 0;
    return skip.spikes[at_timestep(i, t) * skip.stride + first_word() + w] >> (first_bit() + 2 * member_of(lane_));
  }

  /// Positions before row i at timestep t.
  NEUROCUDA_HD std::int64_t at_timestep(int i, int t) const { return lane_state_.row[i] + t * layer_.positions; }

  NEUROCUDA_HD int first_channel() const { return column_block_ * kColumns; }
  NEUROCUDA_HD int first_word() const { return first_channel() / 32; }
  /// Of the block's columns in their word: not 0 only when several blocks share a word.
  NEUROCUDA_HD int first_bit() const { return kColumns < 32 ? first_channel() % 32 : 0; }

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
    if (member_of(lane_) != 0 || lane_state_.row[i] < 0 || first_word() + w >= layer_.words) return;
    std::uint32_t* word = layer_.out + at_timestep(i, t) * layer_.stride + first_word() + w;
    if (kColumns >= 32 || (first_bit() == 0 && first_channel() + kColumns >= layer_.channels)) {
      *word = spikes;
    } else {  // 16 columns: half a word, the other half is another block's
      reinterpret_cast<std::uint16_t*>(word)[first_bit() / 16] = static_cast<std::uint16_t>(spikes);
    }
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
  int tile_, column_block_, lane_, warp_row_;
  LaneState<kColumnTiles> lane_state_;
};

}  // namespace neurocuda::runtime::gpu
