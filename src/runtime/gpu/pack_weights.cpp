#include "runtime/gpu/pack_weights.hpp"

#include "runtime/gpu/fragments.hpp"
#include "runtime/gpu/spike_layout.hpp"

namespace neurocuda::runtime::gpu {
namespace {

/// The four weights of one register of B: rows 16 half + 4 member .. + 3 of a column.
std::uint32_t register_of(const PackSource& group, int channel, int tap, int word, int member, int half) {
  std::uint32_t packed = 0;
  for (int byte = 0; byte < 4; ++byte) {
    const int input = 32 * word + channel_of_depth(16 * half + 4 * member + byte);
    if (input >= group.inputs) continue;
    const std::int64_t at = (static_cast<std::int64_t>(channel) * group.inputs + input) * group.taps + tap;
    packed |= static_cast<std::uint32_t>(static_cast<std::uint8_t>(group.weight[at])) << (8 * byte);
  }
  return packed;
}

/// One k-step of a block of columns that begins at channel `first`.
void pack_step(const PackSource& group, int tap, int word, int first, int channels, int columns, std::uint32_t* out) {
  for (int tile = 0; tile < columns / kTileColumns; ++tile) {
    for (int lane = 0; lane < kLanes; ++lane) {
      const int channel = first + kTileColumns * tile + quad_of(lane);
      if (channel >= channels) continue;
      for (int half = 0; half < 2; ++half) {
        out[packed_weight(tile, lane, half)] = register_of(group, channel, tap, word, member_of(lane), half);
      }
    }
  }
}

}  // namespace

std::vector<std::uint32_t> pack_weights(const std::vector<PackSource>& groups, int channels, int columns) {
  std::vector<std::uint32_t> packed;
  const auto step = static_cast<std::size_t>(weight_words(columns));
  for (int first = 0; first < channels; first += columns) {
    for (const PackSource& group : groups) {
      for (int tap = 0; tap < group.taps; ++tap) {
        for (int word = 0; word < spike_words(group.inputs); ++word) {
          packed.resize(packed.size() + step, 0);
          pack_step(group, tap, word, first, channels, columns, packed.data() + packed.size() - step);
        }
      }
    }
  }
  return packed;
}

}  // namespace neurocuda::runtime::gpu
