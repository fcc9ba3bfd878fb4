#pragma once

#include "runtime/gpu/tensor_core_args.hpp"

namespace neurocuda::runtime::gpu {

/// The spikes that a tile reads, in the shared memory of its block: buffers of one timestep each, which begin with
/// words of zero for padding, and a table that says for every read and position of the tile where in a buffer it
/// stands. So there are no divisions and no bounds in the loops over the inputs.
template <class Thread>
class SourcePatches {
 public:
  NEUROCUDA_HD SourcePatches(Thread& thread, const TensorCoreLayer& layer, int tile)
      : thread_(thread), layer_(layer), tile_(tile) {}

  NEUROCUDA_HD std::uint16_t* table() const {
    return reinterpret_cast<std::uint16_t*>(thread_.shared() + layer_.at.table);
  }
  NEUROCUDA_HD std::uint32_t* buffer(int index) const {
    return thread_.shared() + layer_.at.patches + index * layer_.at.buffer_words;
  }

  NEUROCUDA_HD void clear_zeros(int buffers) {
    for (int i = thread_.index(); i < buffers * layer_.at.zero_words; i += thread_.threads()) {
      buffer(i / layer_.at.zero_words)[i % layer_.at.zero_words] = 0;
    }
  }

  /// Divisions by the extents happen here, once.
  NEUROCUDA_HD void fill_table() {
    const int rows = layer_.tiling.rows;
    int first_read = 0, base = layer_.at.zero_words;
    for (int g = 0; g < layer_.group_count; ++g) {
      const TensorCoreGroup& group = layer_.groups[g];
      const int reads = group.reads();
      for (int i = thread_.index(); i < reads * rows; i += thread_.threads()) {
        table()[first_read * rows + i] = static_cast<std::uint16_t>(offset(group, base, i / rows, i % rows));
      }
      first_read += reads;
      base += layer_.tiling.images_per_tile * group.patch_words;
    }
  }

  /// Starts the copies of the source rows at timestep t to a buffer: each image's are one stretch of memory.
  NEUROCUDA_HD void copy_timestep(int t, int index) {
    std::uint32_t* to = buffer(index) + layer_.at.zero_words;
    const int image = first_image(layer_.tiling, tile_);
    const int images = images_in(layer_.tiling, tile_, layer_.images);
    for (int g = 0; g < layer_.group_count; ++g) {
      const TensorCoreGroup& group = layer_.groups[g];
      const RowRange rows = patch(group);
      copy_stretches(to, source(group, rows, image, t), group.patch_words, layer_.timesteps * per_timestep(group),
                     rows.count * group.width * group.stride, images);
      to += layer_.tiling.images_per_tile * group.patch_words;
    }
  }

  /// The same of `count` timesteps from t on, to the first buffers.
  NEUROCUDA_HD void copy_timesteps(int t, int count) {
    std::uint32_t* to = buffer(0) + layer_.at.zero_words;
    const int image = first_image(layer_.tiling, tile_);
    const int images = images_in(layer_.tiling, tile_, layer_.images);
    for (int g = 0; g < layer_.group_count; ++g) {
      const TensorCoreGroup& group = layer_.groups[g];
      const RowRange rows = patch(group);
      for (int i = 0; i < images; ++i) {
        copy_stretches(to + i * group.patch_words, source(group, rows, image + i, t), layer_.at.buffer_words,
                       per_timestep(group), rows.count * group.width * group.stride, count);
      }
      to += layer_.tiling.images_per_tile * group.patch_words;
    }
  }

 private:
  NEUROCUDA_HD RowRange patch(const TensorCoreGroup& group) const {
    return group.patch_rows(layer_.tiling, tile_, layer_.width, layer_.positions);
  }
  /// Words of one image's spikes at one timestep.
  NEUROCUDA_HD static std::int64_t per_timestep(const TensorCoreGroup& group) {
    return static_cast<std::int64_t>(group.height) * group.width * group.stride;
  }
  NEUROCUDA_HD const std::uint32_t* source(const TensorCoreGroup& group, const RowRange& rows, int image, int t) const {
    return group.spikes + (image * std::int64_t{layer_.timesteps} + t) * per_timestep(group) +
           static_cast<std::int64_t>(rows.first) * group.width * group.stride;
  }

  /// Words from the start of a buffer to the position that `row` reads; 0, where zeros stand, for padding.
  NEUROCUDA_HD int offset(const TensorCoreGroup& group, int base, int read, int row) const {
    const Row at = row_of(layer_.tiling, tile_, row, layer_.images, layer_.positions);
    if (!at.valid) return 0;
    const int y = at.position / layer_.width, x = at.position % layer_.width;
    const int position = group.source_position(y, x, read);
    if (position < 0) return 0;
    const int first = patch(group).first * group.width;
    const int image = at.image - first_image(layer_.tiling, tile_);
    return base + image * group.patch_words + (position - first) * group.stride;
  }

  /// `count` stretches of `words` words each. 16 bytes at a time where every start is so aligned.
  NEUROCUDA_HD void copy_stretches(std::uint32_t* to, const std::uint32_t* from, int to_step, std::int64_t from_step,
                                   int words, int count) {
    const bool wide =
        words % 4 == 0 && to_step % 4 == 0 && from_step % 4 == 0 && reinterpret_cast<std::uintptr_t>(from) % 16 == 0;
    const int unit = wide ? 4 : 1, units = words / unit;
    for (int i = thread_.index(); i < units * count; i += thread_.threads()) {
      const int stretch = i / units, word = (i - stretch * units) * unit;
      std::uint32_t* target = to + stretch * to_step + word;
      const std::uint32_t* source = from + stretch * from_step + word;
      wide ? thread_.copy16(target, source) : thread_.copy4(target, source);
    }
  }

  Thread& thread_;
  const TensorCoreLayer& layer_;
  int tile_;
};

}  // namespace neurocuda::runtime::gpu
