#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "neurocuda/base/shared_settings.hpp"

namespace neurocuda::training {

/// Everything that can be set about the training of an ANN: see conversion::Settings.
struct Settings : settings::Trained, settings::OnDevice, settings::Seeded {
  int epochs = 15;
  double learning_rate = 0.1;
  double momentum = 0.9;
  double weight_decay = 5e-4;
  double warmup_epochs = 1;
  double label_smoothing = 0.1;
  std::int64_t training_images = 0;

  bool operator==(const Settings&) const = default;
};

inline constexpr auto kOwnFields = [] {
  using settings::field, settings::Group;
  using S = Settings;
  constexpr auto expert = settings::Level::expert;
  return std::tuple{field("epochs", &S::epochs, {1, 100000}, "passes over the training images", Group::training),
                    field("learning_rate", &S::learning_rate, {0, 100},
                          "peak learning rate; linear warm-up, then cosine to 0", Group::training),
                    field("momentum", &S::momentum, {0, 0.9999}, "Nesterov's", Group::training, expert),
                    field("weight_decay", &S::weight_decay, {0, 1}, "not on batch norms and biases", Group::training),
                    field("warmup_epochs", &S::warmup_epochs, {0, 1000}, "epochs of linear warm-up", Group::training),
                    field("label_smoothing", &S::label_smoothing, {0, 0.99}, "of the cross-entropy", Group::training),
                    field("training_images", &S::training_images, {0, settings::kMostImages},
                          "training images, drawn by the seed; 0: all", Group::data)};
}();

static_assert(settings::kHasMembers<Settings, 3 + std::tuple_size_v<decltype(kOwnFields)>>,
              "every member of Settings needs its field in the table, and every base below");

inline constexpr auto kSettingsTable =
    std::tuple_cat(kOwnFields, settings::Trained::fields<Settings>(), settings::OnDevice::fields<Settings>(),
                   settings::Seeded::fields<Settings>());

inline const auto& settings_table(const Settings&) { return kSettingsTable; }

/// Settings of earlier versions.
inline constexpr std::array kGoneSettings{
    settings::Gone{"lr", "learning_rate", ""},
    settings::Gone{"images", "training_images", ""},
    settings::Gone{"activation", "", "train with ReLU: the calibration learns the thresholds"},
    settings::Gone{"levels", "", "train with ReLU: the calibration learns the thresholds"},
    settings::Gone{"initial_lambda", "", "train with ReLU: the calibration learns the thresholds"},
};
inline const auto& gone_settings(const Settings&) { return kGoneSettings; }

inline constexpr std::array<settings::Recipe, 0> kRecipes{};
inline const auto& recipes_of(const Settings&) { return kRecipes; }

}  // namespace neurocuda::training
