#pragma once

#include "runtime/gpu/atomics.hpp"
#include "runtime/gpu/synapses.hpp"

/// The simple kernels: one call per element, in any order. They cover every operator; the tensor-core kernel
/// (tensor_core_layer.hpp) only replaces `Layer` where it can.
namespace neurocuda::runtime::gpu {

/// Splits a flat index, innermost extent first.
struct Indices {
  std::int64_t rest;
  NEUROCUDA_HD int next(int extent) {
    const std::int64_t quotient = rest / extent;
    const int index = static_cast<int>(rest - quotient * extent);
    rest = quotient;
    return index;
  }
};

struct Elementwise {
  int images = 0;
  int first_timestep = 0;  ///< timesteps before this block
};

/// Zeroes 32-bit words.
struct Clear : Elementwise {
  std::uint32_t* words = nullptr;
  std::int64_t per_image = 0, fixed = 0;
  NEUROCUDA_HD std::int64_t count() const { return per_image * images + fixed; }
  NEUROCUDA_HD void operator()(std::int64_t index) const { words[index] = 0; }
};

/// int8 (C, H, W) to int32 [position][channel].
struct ImageToValues : Elementwise {
  const std::int8_t* input = nullptr;
  std::int32_t* out = nullptr;
  int channels = 0, positions = 0;
  NEUROCUDA_HD std::int64_t count() const { return std::int64_t{images} * channels * positions; }
  NEUROCUDA_HD void operator()(std::int64_t index) const {
    Indices at{index};
    const int channel = at.next(channels), position = at.next(positions);
    out[index] = input[(at.rest * channels + channel) * positions + position];
  }
};

/// int8 (T, C, H, W) of 0 and 1 to bits.
struct ImageToSpikes : Elementwise {
  const std::int8_t* input = nullptr;
  std::uint32_t* out = nullptr;
  int channels = 0, positions = 0, timesteps = 0, words = 0, stride = 0;
  NEUROCUDA_HD std::int64_t count() const { return std::int64_t{images} * timesteps * positions * words; }
  NEUROCUDA_HD void operator()(std::int64_t index) const {
    Indices at{index};
    const int word = at.next(words), position = at.next(positions);
    std::uint32_t bits = 0;
    for (int c = 32 * word; c < channels && c < 32 * word + 32; ++c) {
      const std::uint32_t spike = input[(at.rest * channels + c) * positions + position] != 0;
      bits |= spike << (c % 32);
    }
    out[(at.rest * positions + position) * stride + word] = bits;
  }
};

/// The sum under the window; of a constant source once.
struct SumUnderWindow : Elementwise {
  Values source;
  DeviceWindow window;
  std::int32_t* out = nullptr;
  int height = 1, width = 1;
  NEUROCUDA_HD int steps() const { return source.held == Held::constant ? 1 : source.timesteps; }
  NEUROCUDA_HD std::int64_t count() const { return std::int64_t{images} * steps() * height * width * source.channels; }
  NEUROCUDA_HD void operator()(std::int64_t index) const {
    Indices at{index};
    const int channel = at.next(source.channels), x = at.next(width), y = at.next(height), t = at.next(steps());
    std::int32_t sum = 0;
    for (int tap = 0; tap < window.taps(); ++tap) {
      const int position = window.source_position(y, x, tap, source.height, source.width);
      if (position >= 0) sum += source.at(at.rest, t, position, channel);
    }
    out[index] = sum;
  }
};

/// The OR under the window, 32 channels at a time.
struct OrUnderWindow : Elementwise {
  Values source;
  DeviceWindow window;
  std::uint32_t* out = nullptr;
  int height = 1, width = 1, words = 0;
  NEUROCUDA_HD std::int64_t count() const { return std::int64_t{images} * source.timesteps * height * width * words; }
  NEUROCUDA_HD void operator()(std::int64_t index) const {
    Indices at{index};
    const int word = at.next(words), x = at.next(width), y = at.next(height), t = at.next(source.timesteps);
    std::uint32_t bits = 0;
    for (int tap = 0; tap < window.taps(); ++tap) {
      const int position = window.source_position(y, x, tap, source.height, source.width);
      if (position >= 0) bits |= source.word(at.rest, t, position, word);
    }
    out[spike_offset(at.rest, source.timesteps, t, height * width, y * width + x, source.stride) + word] = bits;
  }
};

/// Sets the spike of a channel at a position whose words are zero before.
NEUROCUDA_HD void set_spike(std::uint32_t* words, int channel, bool negative, int negative_at) {
  const std::uint32_t bit = std::uint32_t{1} << (channel % 32);
  set_bits(words + channel / 32, bit);
  if (negative) set_bits(words + negative_at + channel / 32, bit);
}

/// By how much the largest (smallest) count of spikes under the window grew, one channel through all timesteps. Its
/// bits are zero before. The counts of kStepsAtOnce timesteps are followed at a time, those before are counted again.
struct CountsUnderWindow : Elementwise {
  static constexpr int kStepsAtOnce = 32;
  Values source;
  DeviceWindow window;
  const std::uint8_t* takes_minimum = nullptr;  ///< by channel; null: nowhere
  std::uint32_t* out = nullptr;
  int height = 1, width = 1, stride = 0, negative_at = 0;
  const std::int32_t* carried = nullptr;  ///< counts before this block, [image][position][channel]; null: all are zero
  NEUROCUDA_HD std::int64_t count() const { return std::int64_t{images} * height * width * source.channels; }
  NEUROCUDA_HD void operator()(std::int64_t index) const {
    Indices at{index};
    const int channel = at.next(source.channels), x = at.next(width), y = at.next(height);
    std::int32_t before = best_before(at.rest, channel, y, x);
    for (int first = 0; first < source.timesteps; first += kStepsAtOnce) {
      std::int32_t best[kStepsAtOnce];
      if (!follow(at.rest, channel, y, x, first, best)) return;
      for (int step = 0; step < kStepsAtOnce && first + step < source.timesteps; ++step) {
        if (best[step] != before) {
          set_spike(out + spike_offset(at.rest, source.timesteps, first + step, height * width, y * width + x, stride),
                    channel, best[step] < before, negative_at);
        }
        before = best[step];
      }
    }
  }

 private:
  NEUROCUDA_HD bool least(int channel) const { return takes_minimum != nullptr && takes_minimum[channel] != 0; }
  NEUROCUDA_HD std::int32_t count_before(std::int64_t image, int position, int channel) const {
    if (carried == nullptr || first_timestep == 0) return 0;
    return carried[(image * source.positions() + position) * source.channels + channel];
  }
  NEUROCUDA_HD std::int32_t best_before(std::int64_t image, int channel, int y, int x) const {
    std::int32_t best = 0;
    bool any = false;
    for (int tap = 0; tap < window.taps(); ++tap) {
      const int position = window.source_position(y, x, tap, source.height, source.width);
      if (position < 0) continue;
      const std::int32_t n = count_before(image, position, channel);
      if (!any || (least(channel) ? n < best : n > best)) best = n;
      any = true;
    }
    return best;
  }
  /// The maxima (minima) at kStepsAtOnce timesteps. False where the window covers nothing.
  NEUROCUDA_HD bool follow(std::int64_t image, int channel, int y, int x, int first, std::int32_t* best) const {
    bool any = false;
    for (int tap = 0; tap < window.taps(); ++tap) {
      const int position = window.source_position(y, x, tap, source.height, source.width);
      if (position < 0) continue;
      std::int32_t n = count_before(image, position, channel);
      for (int t = 0; t < first; ++t) n += source.at(image, t, position, channel);
      for (int step = 0; step < kStepsAtOnce && first + step < source.timesteps; ++step) {
        n += source.at(image, first + step, position, channel);
        if (!any || (least(channel) ? n < best[step] : n > best[step])) best[step] = n;
      }
      any = true;
    }
    return any;
  }
};

/// Adds the spikes of a block to the counts of a source that a later block wants.
struct CarryCounts : Elementwise {
  Values source;
  std::int32_t* carried = nullptr;  ///< [image][position][channel]
  NEUROCUDA_HD std::int64_t count() const { return std::int64_t{images} * source.positions() * source.channels; }
  NEUROCUDA_HD void operator()(std::int64_t index) const {
    Indices at{index};
    const int channel = at.next(source.channels), position = at.next(source.positions());
    std::int32_t n = first_timestep == 0 ? 0 : carried[index];
    for (int t = 0; t < source.timesteps; ++t) n += source.at(at.rest, t, position, channel);
    carried[index] = n;
  }
};

/// Biases on the device: (timesteps + 1, channels), those of the first timesteps and then of all others.
struct Biases {
  const std::int32_t* values = nullptr;
  int timesteps = 0, channels = 0;
  NEUROCUDA_HD std::int32_t at(int t, int channel) const {
    return values[std::int64_t{t < timesteps ? t : timesteps} * channels + channel];
  }
};

/// What constant sources bring to a layer at every timestep: [position][channel].
struct Drive : Elementwise {
  const Synapses* groups = nullptr;
  int group_count = 0;
  std::int32_t* out = nullptr;
  int channels = 0, positions = 0;
  NEUROCUDA_HD std::int64_t count() const { return std::int64_t{images} * channels * positions; }
  NEUROCUDA_HD void operator()(std::int64_t index) const {
    Indices at{index};
    const int channel = at.next(channels), position = at.next(positions);
    out[index] = arriving(groups, group_count, at.rest, 0, position, channel);
  }
};

/// One neuron through all timesteps; the membrane stays in a register. Its bits are zero before.
struct Layer : Elementwise {
  const Synapses* groups = nullptr;  ///< those that do not read a constant
  int group_count = 0;
  const std::int32_t* drive = nullptr;  ///< [position][channel], see Drive
  Biases bias;
  const std::int32_t *theta = nullptr, *v0 = nullptr;
  std::uint32_t* out = nullptr;
  std::int32_t* membranes = nullptr;  ///< [image][timestep][channel][position] after reset, or null
  int channels = 0, positions = 0, timesteps = 0, stride = 0;
  int negative_at = 0;  ///< 0: plain neurons
  bool accumulate_then_fire = false;
  std::int32_t *carried = nullptr, *carried_sums = nullptr;  ///< from the block before, to the next; null: none
  NEUROCUDA_HD std::int64_t count() const { return std::int64_t{images} * channels * positions; }
  NEUROCUDA_HD void operator()(std::int64_t index) const {
    Indices at{index};
    const int channel = at.next(channels), position = at.next(positions);
    const std::int32_t constant = drive[index];
    const auto current = [&](int t) {
      return constant + bias.at(first_timestep + t, channel) +
             arriving(groups, group_count, at.rest, t, position, channel);
    };
    const bool goes_on = first_timestep > 0;
    std::int32_t v = goes_on ? carried[index] : v0[channel],
                 sum = goes_on && negative_at != 0 ? carried_sums[index] : 0;
    if (accumulate_then_fire) {
      for (int t = 0; t < timesteps; ++t) v += current(t);
    }
    for (int t = 0; t < timesteps; ++t) {
      if (!accumulate_then_fire) v += current(t);
      fire(v, sum, at.rest, t, position, channel);
    }
    if (carried != nullptr) carried[index] = v;
    if (carried_sums != nullptr) carried_sums[index] = sum;
  }

 private:
  /// `sum`: of the neuron's spikes so far.
  NEUROCUDA_HD void fire(std::int32_t& v, std::int32_t& sum, std::int64_t image, int t, int position,
                         int channel) const {
    const int spike = v >= theta[channel] ? 1 : negative_at != 0 && v < 0 && sum > 0 ? -1 : 0;
    if (spike != 0) {
      v -= spike * theta[channel];
      sum += spike;
      set_spike(out + spike_offset(image, timesteps, t, positions, position, stride), channel, spike < 0, negative_at);
    }
    if (membranes != nullptr) {
      membranes[((image * timesteps + t) * channels + channel) * positions + position] = v;
    }
  }
};

/// The last layer's current at every timestep: [image][timestep][class].
struct Currents : Elementwise {
  const Synapses* groups = nullptr;
  int group_count = 0;
  const std::int32_t* drive = nullptr;
  Biases bias;
  std::int32_t* out = nullptr;
  int classes = 0, timesteps = 0;
  NEUROCUDA_HD std::int64_t count() const { return std::int64_t{images} * timesteps * classes; }
  NEUROCUDA_HD void operator()(std::int64_t index) const {
    Indices at{index};
    const int channel = at.next(classes), t = at.next(timesteps);
    out[index] = drive[at.rest * classes + channel] + bias.at(first_timestep + t, channel) +
                 arriving(groups, group_count, at.rest, t, 0, channel);
  }
};

/// Sums [image][timestep][class] over the timesteps: in place, or into `last` [image][class] alone.
struct Accumulate : Elementwise {
  std::int32_t* sums = nullptr;
  std::int32_t* last = nullptr;  ///< null: in place
  int classes = 0, timesteps = 0;
  std::int32_t* carried = nullptr;  ///< from the block before, to the next, [image][class]; null: none
  NEUROCUDA_HD std::int64_t count() const { return std::int64_t{images} * classes; }
  NEUROCUDA_HD void operator()(std::int64_t index) const {
    Indices at{index};
    const int channel = at.next(classes);
    std::int32_t* row = sums + at.rest * timesteps * classes + channel;
    std::int32_t sum = first_timestep > 0 ? carried[index] : 0;
    for (int t = 0; t < timesteps; ++t) {
      sum += row[t * classes];
      if (last == nullptr) row[t * classes] = sum;
    }
    if (last != nullptr) last[index] = sum;
    if (carried != nullptr) carried[index] = sum;
  }
};

/// Adds up what a node sends, by timestep and position: `sums` [timestep][position], over channels and images.
struct CountSent : Elementwise {
  static constexpr int kImagesPerCall = 16;
  Values source;
  Counter* sums = nullptr;
  NEUROCUDA_HD std::int64_t count() const {
    return std::int64_t{ceil_div(images, kImagesPerCall)} * source.timesteps * source.positions();
  }
  NEUROCUDA_HD void operator()(std::int64_t index) const {
    Indices at{index};
    const int position = at.next(source.positions()), t = at.next(source.timesteps);
    const std::int64_t first = at.rest * kImagesPerCall;
    Counter sum = 0;
    for (std::int64_t image = first; image < images && image < first + kImagesPerCall; ++image) {
      sum += sent(image, t, position);
    }
    if (sum != 0) add_to(sums + t * source.positions() + position, sum);
  }

 private:
  NEUROCUDA_HD Counter sent(std::int64_t image, int t, int position) const {
    Counter sum = 0;
    if (source.held == Held::spikes) {
      for (int word = 0; word < spike_words(source.channels); ++word) {
        sum += static_cast<Counter>(count_bits(source.word(image, t, position, word)));
      }
    } else {
      for (int c = 0; c < source.channels; ++c) {
        const std::int32_t value = source.at(image, t, position, c);
        sum += static_cast<Counter>(value < 0 ? -value : value);
      }
    }
    return sum;
  }
};

/// Adds sums [timestep][position], each times the weight of its position, to totals [timestep].
struct WeighSums : Elementwise {
  static constexpr int kPositionsPerCall = 32;
  const Counter* sums = nullptr;
  const std::int64_t* weights = nullptr;  ///< by position; null: 1 each
  Counter* totals = nullptr;
  int timesteps = 0, positions = 0;
  NEUROCUDA_HD std::int64_t count() const { return std::int64_t{ceil_div(positions, kPositionsPerCall)} * timesteps; }
  NEUROCUDA_HD void operator()(std::int64_t index) const {
    Indices at{index};
    const int t = at.next(timesteps), first = static_cast<int>(at.rest) * kPositionsPerCall;
    Counter total = 0;
    for (int p = first; p < positions && p < first + kPositionsPerCall; ++p) {
      total += sums[static_cast<std::int64_t>(t) * positions + p] *
               (weights == nullptr ? 1 : static_cast<Counter>(weights[p]));
    }
    if (total != 0) add_to(totals + t, total);
  }
};

/// Spikes, or those of -1 alone, in the order of a LayerRecord: bit n % 32 of word n / 32 is neuron n in (C, H, W)
/// order.
struct SpikesToRecord : Elementwise {
  Values source;
  bool negative = false;
  std::uint32_t* out = nullptr;
  int words = 0;  ///< per image and timestep, an even number
  NEUROCUDA_HD std::int64_t count() const { return std::int64_t{images} * source.timesteps * words; }
  NEUROCUDA_HD void operator()(std::int64_t index) const {
    Indices at{index};
    const int word = at.next(words), t = at.next(source.timesteps), positions = source.positions();
    std::uint32_t bits = 0;
    for (int n = 32 * word; n < source.channels * positions && n < 32 * word + 32; ++n) {
      const std::int32_t spike = source.at(at.rest, t, n % positions, n / positions);
      const bool is_set = negative ? spike < 0 : spike != 0;
      bits |= static_cast<std::uint32_t>(is_set) << (n % 32);
    }
    out[index] = bits;
  }
};

}  // namespace neurocuda::runtime::gpu
