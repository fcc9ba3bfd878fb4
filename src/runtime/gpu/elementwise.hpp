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

/// By how much the largest (smallest) count of spikes under the window grew, one channel through all timesteps. Its
/// bits are zero before. The counts of kStepsAtOnce timesteps are followed at a time, those before are counted again.
struct CountsUnderWindow : Elementwise {
  static constexpr int kStepsAtOnce = 32;
  Values source;
  DeviceWindow window;
  const std::uint8_t* takes_minimum = nullptr;  ///< by channel; null: nowhere
  std::uint32_t* out = nullptr;
  int height = 1, width = 1, stride = 0;
  NEUROCUDA_HD std::int64_t count() const { return std::int64_t{images} * height * width * source.channels; }
  NEUROCUDA_HD void operator()(std::int64_t index) const {
    Indices at{index};
    const int channel = at.next(source.channels), x = at.next(width), y = at.next(height);
    std::int32_t before = 0;
    for (int first = 0; first < source.timesteps; first += kStepsAtOnce) {
      std::int32_t best[kStepsAtOnce];
      if (!follow(at.rest, channel, y, x, first, best)) return;
      for (int step = 0; step < kStepsAtOnce && first + step < source.timesteps; ++step) {
        if (best[step] != before) {
          set_bits(out + spike_offset(at.rest, source.timesteps, first + step, height * width, y * width + x, stride) +
                       channel / 32,
                   std::uint32_t{1} << (channel % 32));
        }
        before = best[step];
      }
    }
  }

 private:
  /// The maxima (minima) at kStepsAtOnce timesteps. False where the window covers nothing.
  NEUROCUDA_HD bool follow(std::int64_t image, int channel, int y, int x, int first, std::int32_t* best) const {
    const bool least = takes_minimum != nullptr && takes_minimum[channel] != 0;
    bool any = false;
    for (int tap = 0; tap < window.taps(); ++tap) {
      const int position = window.source_position(y, x, tap, source.height, source.width);
      if (position < 0) continue;
      std::int32_t n = 0;
      for (int t = 0; t < first; ++t) n += source.at(image, t, position, channel);
      for (int step = 0; step < kStepsAtOnce && first + step < source.timesteps; ++step) {
        n += source.at(image, first + step, position, channel);
        if (!any || (least ? n < best[step] : n > best[step])) best[step] = n;
      }
      any = true;
    }
    return any;
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
  bool accumulate_then_fire = false;
  NEUROCUDA_HD std::int64_t count() const { return std::int64_t{images} * channels * positions; }
  NEUROCUDA_HD void operator()(std::int64_t index) const {
    Indices at{index};
    const int channel = at.next(channels), position = at.next(positions);
    const std::int32_t constant = drive[index];
    const auto current = [&](int t) {
      return constant + bias.at(t, channel) + arriving(groups, group_count, at.rest, t, position, channel);
    };
    std::int32_t v = v0[channel];
    if (accumulate_then_fire) {
      for (int t = 0; t < timesteps; ++t) v += current(t);
    }
    for (int t = 0; t < timesteps; ++t) {
      if (!accumulate_then_fire) v += current(t);
      fire(v, at.rest, t, position, channel);
    }
  }

 private:
  NEUROCUDA_HD void fire(std::int32_t& v, std::int64_t image, int t, int position, int channel) const {
    if (v >= theta[channel]) {
      v -= theta[channel];
      set_bits(out + spike_offset(image, timesteps, t, positions, position, stride) + channel / 32,
               std::uint32_t{1} << (channel % 32));
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
    out[index] = drive[at.rest * classes + channel] + bias.at(t, channel) +
                 arriving(groups, group_count, at.rest, t, 0, channel);
  }
};

/// Sums [image][timestep][class] over the timesteps: in place, or into `last` [image][class] alone.
struct Accumulate : Elementwise {
  std::int32_t* sums = nullptr;
  std::int32_t* last = nullptr;  ///< null: in place
  int classes = 0, timesteps = 0;
  NEUROCUDA_HD std::int64_t count() const { return std::int64_t{images} * classes; }
  NEUROCUDA_HD void operator()(std::int64_t index) const {
    Indices at{index};
    const int channel = at.next(classes);
    std::int32_t* row = sums + at.rest * timesteps * classes + channel;
    std::int32_t sum = 0;
    for (int t = 0; t < timesteps; ++t) {
      sum += row[t * classes];
      if (last == nullptr) row[t * classes] = sum;
    }
    if (last != nullptr) last[index] = sum;
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
      for (int c = 0; c < source.channels; ++c) sum += static_cast<Counter>(source.at(image, t, position, c));
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

/// Spikes in the order of a LayerRecord: bit n % 32 of word n / 32 is neuron n in (C, H, W) order.
struct SpikesToRecord : Elementwise {
  Values source;
  std::uint32_t* out = nullptr;
  int words = 0;  ///< per image and timestep, an even number
  NEUROCUDA_HD std::int64_t count() const { return std::int64_t{images} * source.timesteps * words; }
  NEUROCUDA_HD void operator()(std::int64_t index) const {
    Indices at{index};
    const int word = at.next(words), t = at.next(source.timesteps), positions = source.positions();
    std::uint32_t bits = 0;
    for (int n = 32 * word; n < source.channels * positions && n < 32 * word + 32; ++n) {
      bits |= static_cast<std::uint32_t>(source.at(at.rest, t, n % positions, n / positions)) << (n % 32);
    }
    out[index] = bits;
  }
};

}  // namespace neurocuda::runtime::gpu
