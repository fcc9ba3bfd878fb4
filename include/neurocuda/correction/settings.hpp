#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "neurocuda/base/settings.hpp"

namespace neurocuda::correction {

/// Everything that can be set about the correction of a network's biases: see conversion::Settings.
struct Settings {
  std::optional<int> timesteps;
  int rounds = 4;
  std::int64_t measured_images = 256;
  std::int64_t calibration_images = 0;
  double held_out = 0.1;
  std::int64_t score_images = 2000;
  double step = 0.8;
  std::int64_t batch_size = 32;
  std::uint64_t seed = 0;
  int threads = 0;

  bool operator==(const Settings&) const = default;
};

inline constexpr auto kSettingsTable = [] {
  using settings::field, settings::Group;
  using S = Settings;
  constexpr auto expert = settings::Level::expert;
  constexpr std::int64_t images = 100'000'000;
  return std::tuple{
      field("timesteps", &S::timesteps, {1, 4096}, "timesteps T; auto: the network's own", Group::network),
      field("rounds", &S::rounds, {0, 1000}, "rounds of correction, the best of which is kept", Group::correction),
      field("measured_images", &S::measured_images, {1, images}, "images on which rates are measured",
            Group::correction),
      field("calibration_images", &S::calibration_images, {0, images}, "training images, drawn by the seed; 0: all",
            Group::data),
      field("held_out", &S::held_out, {0.001, 0.9}, "share of the images that choose the round", Group::data),
      field("score_images", &S::score_images, {1, images}, "held-out images that choose, at most", Group::data, expert),
      field("step", &S::step, {0.001, 2}, "share of a channel's rate error that its bias takes up in one round",
            Group::correction, expert),
      field("batch_size", &S::batch_size, {1, 65536}, "images per batch", Group::correction, expert),
      field("seed", &S::seed, {}, "seed of everything random", Group::compute),
      field("threads", &S::threads, {0, 1024}, "threads; 0: all of this machine", Group::compute)};
}();

static_assert(settings::kHasMembers<Settings, std::tuple_size_v<decltype(kSettingsTable)>>,
              "every member of Settings needs its field in the table");

inline const auto& settings_table(const Settings&) { return kSettingsTable; }

/// Settings of earlier versions.
inline constexpr std::array kGoneSettings{
    settings::Gone{"images", "measured_images", ""},
};
inline const auto& gone_settings(const Settings&) { return kGoneSettings; }

inline constexpr std::array<settings::Recipe, 0> kRecipes{};
inline const auto& recipes_of(const Settings&) { return kRecipes; }

}  // namespace neurocuda::correction
