#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "neurocuda/base/shared_settings.hpp"

namespace neurocuda::correction {

/// Everything that can be set about the correction of a network's biases: see conversion::Settings.
struct Settings : settings::Selecting, settings::Seeded {
  std::optional<int> timesteps;
  int rounds = 4;
  std::int64_t measured_images = 256;
  double step = 0.8;
  std::int64_t batch_size = 32;

  bool operator==(const Settings&) const = default;
};

inline constexpr auto kOwnFields = [] {
  using settings::field, settings::Group;
  using S = Settings;
  constexpr auto expert = settings::Level::expert;
  return std::tuple{
      field("timesteps", &S::timesteps, {1, 4096}, "timesteps T; auto: the network's own", Group::network),
      field("rounds", &S::rounds, {0, 1000}, "rounds of correction, the best of which is kept", Group::correction),
      field("measured_images", &S::measured_images, {1, settings::kMostImages}, "images on which rates are measured",
            Group::correction),
      field("step", &S::step, {0.001, 2}, "share of a channel's rate error that its bias takes up in one round",
            Group::correction, expert),
      field("batch_size", &S::batch_size, {1, 65536}, "images per batch", Group::correction, expert)};
}();

static_assert(settings::kHasMembers<Settings, 2 + std::tuple_size_v<decltype(kOwnFields)>>,
              "every member of Settings needs its field in the table, and every base below");

inline constexpr auto kSettingsTable =
    std::tuple_cat(kOwnFields, settings::Selecting::fields<Settings>(), settings::Seeded::fields<Settings>());

inline const auto& settings_table(const Settings&) { return kSettingsTable; }

/// Settings of earlier versions.
inline constexpr std::array kGoneSettings{
    settings::Gone{"images", "measured_images", ""},
};
inline const auto& gone_settings(const Settings&) { return kGoneSettings; }

inline constexpr std::array<settings::Recipe, 0> kRecipes{};
inline const auto& recipes_of(const Settings&) { return kRecipes; }

}  // namespace neurocuda::correction
