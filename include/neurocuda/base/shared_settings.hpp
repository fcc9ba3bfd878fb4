#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>

#include "neurocuda/base/settings.hpp"

/// Settings that several parts have, declared once: a part's Settings derive from these structs, and its table begins
/// or ends with their fields.
///
///     struct Settings : settings::Seeded { int epochs = 10; };
///     inline constexpr auto kSettingsTable = std::tuple_cat(std::tuple{field("epochs", ...)},
///                                                           settings::Seeded::fields<Settings>());
namespace neurocuda::settings {

/// An inherited member, as a member of the settings that inherit it.
template <class Settings, class Base, class T>
constexpr Field<Settings, T> inherited(std::string_view name, T Base::*member,
                                       typename Field<Settings, T>::Limits limits, std::string_view doc, Group group,
                                       Level level = Level::common) {
  return {name, static_cast<T Settings::*>(member), limits, doc, group, level};
}

/// What every run has.
struct Seeded {
  std::uint64_t seed = 0;
  int threads = 0;

  bool operator==(const Seeded&) const = default;

  template <class S>
  static constexpr auto fields() {
    return std::tuple{
        inherited<S>("seed", &Seeded::seed, {}, "seed of everything random", Group::compute),
        inherited<S>("threads", &Seeded::threads, {0, 1024}, "threads; 0: all of this machine", Group::compute)};
  }
};

/// What runs in libtorch.
struct OnDevice {
  std::string device = "cpu";
  bool bf16 = false;

  bool operator==(const OnDevice&) const = default;

  template <class S>
  static constexpr auto fields() {
    return std::tuple{
        inherited<S>("device", &OnDevice::device, {}, "where libtorch computes: cpu, cuda, cuda:1", Group::compute),
        inherited<S>("bf16", &OnDevice::bf16, {}, "convolutions and linear layers in bfloat16", Group::compute)};
  }
};

/// What trains by gradients.
struct Trained {
  std::int64_t batch_size = 128;
  std::optional<int> crop_padding;
  std::optional<bool> flip;
  int cutout = 0;

  bool operator==(const Trained&) const = default;

  template <class S>
  static constexpr auto fields() {
    constexpr auto expert = Level::expert;
    return std::tuple{
        inherited<S>("batch_size", &Trained::batch_size, {1, 65536}, "images per batch", Group::data),
        inherited<S>("crop_padding", &Trained::crop_padding, {0, 1024},
                     "pixels of random shift; auto: an eighth of the width, 0 for a loader's own images", Group::data,
                     expert),
        inherited<S>("flip", &Trained::flip, {},
                     "mirror at random; auto: colour images, unless they come from a loader", Group::data, expert),
        inherited<S>("cutout", &Trained::cutout, {0, 1024},
                     "side of the square that is blanked in training images; 0: none", Group::data)};
  }
};

/// What learns from some of the training images and chooses by others.
struct Selecting {
  std::int64_t calibration_images = 0;
  double held_out = 0.1;
  std::int64_t score_images = 2000;

  bool operator==(const Selecting&) const = default;

  template <class S>
  static constexpr auto fields() {
    return std::tuple{inherited<S>("calibration_images", &Selecting::calibration_images, {0, kMostImages},
                                   "training images, drawn by the seed; 0: all", Group::data),
                      inherited<S>("held_out", &Selecting::held_out, {0.001, 0.9},
                                   "share of the images that choose epochs and rounds, never trained on", Group::data),
                      inherited<S>("score_images", &Selecting::score_images, {1, kMostImages},
                                   "held-out images that choose, at most", Group::data, Level::expert)};
  }
};

}  // namespace neurocuda::settings
