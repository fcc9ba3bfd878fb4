#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "neurocuda/base/settings.hpp"

namespace neurocuda::training {

/// Everything that can be set about the training of an ANN: see conversion::Settings.
struct Settings {
  int epochs = 15;
  double learning_rate = 0.1;
  std::int64_t batch_size = 128;
  double momentum = 0.9;
  double weight_decay = 5e-4;
  double warmup_epochs = 1;
  double label_smoothing = 0.1;
  std::int64_t training_images = 0;
  std::optional<int> crop_padding;
  std::optional<bool> flip;
  int cutout = 0;
  std::uint64_t seed = 0;
  std::string device = "cpu";
  int threads = 0;
  bool bf16 = false;

  bool operator==(const Settings&) const = default;
};

inline constexpr auto kSettingsTable = [] {
  using settings::field, settings::Group;
  using S = Settings;
  constexpr auto expert = settings::Level::expert;
  return std::tuple{field("epochs", &S::epochs, {1, 100000}, "passes over the training images", Group::training),
                    field("learning_rate", &S::learning_rate, {0, 100},
                          "peak learning rate; linear warm-up, then cosine to 0", Group::training),
                    field("batch_size", &S::batch_size, {1, 65536}, "images per batch", Group::training),
                    field("momentum", &S::momentum, {0, 0.9999}, "Nesterov's", Group::training, expert),
                    field("weight_decay", &S::weight_decay, {0, 1}, "not on batch norms and biases", Group::training),
                    field("warmup_epochs", &S::warmup_epochs, {0, 1000}, "epochs of linear warm-up", Group::training),
                    field("label_smoothing", &S::label_smoothing, {0, 0.99}, "of the cross-entropy", Group::training),
                    field("training_images", &S::training_images, {0, 100'000'000},
                          "training images, drawn by the seed; 0: all", Group::data),
                    field("crop_padding", &S::crop_padding, {0, 1024},
                          "pixels of random shift; auto: an eighth of the width", Group::data, expert),
                    field("flip", &S::flip, {}, "mirror at random; auto: colour images", Group::data, expert),
                    field("cutout", &S::cutout, {0, 1024},
                          "side of the square that is blanked in training images; 0: none", Group::data),
                    field("seed", &S::seed, {}, "seed of everything random", Group::compute),
                    field("device", &S::device, {}, "where libtorch computes: cpu, cuda, cuda:1", Group::compute),
                    field("threads", &S::threads, {0, 1024}, "threads; 0: all of this machine", Group::compute),
                    field("bf16", &S::bf16, {}, "convolutions and linear layers in bfloat16", Group::compute)};
}();

static_assert(settings::kHasMembers<Settings, std::tuple_size_v<decltype(kSettingsTable)>>,
              "every member of Settings needs its field in the table");

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
