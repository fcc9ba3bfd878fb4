#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "neurocuda/base/shared_settings.hpp"
#include "neurocuda/data/dataset.hpp"
#include "neurocuda/program/mode.hpp"
#include "neurocuda/program/neuron_kind.hpp"

namespace neurocuda::conversion {

/// How the spiking network itself is trained at its T.
enum class FineTuning {
  none,
  bptt,  ///< back-propagation through time with a surrogate gradient
};

}  // namespace neurocuda::conversion

template <>
struct neurocuda::settings::Choices<neurocuda::conversion::FineTuning> {
  static constexpr std::array<std::pair<neurocuda::conversion::FineTuning, std::string_view>, 2> list{
      {{neurocuda::conversion::FineTuning::none, "none"}, {neurocuda::conversion::FineTuning::bptt, "bptt"}}};
};

namespace neurocuda::conversion {

/// Everything that can be set about a conversion (docs/conversion.md says what it does). This struct and the table
/// below are the only place where a setting's name, default and range stand.
struct Settings : settings::Selecting, settings::Trained, settings::OnDevice, settings::Seeded {
  int timesteps = 32;
  program::Mode mode = program::Mode::synchronous;
  program::NeuronKind neuron = program::NeuronKind::plain;
  std::optional<std::int64_t> levels;
  int weight_bits = 8, input_bits = 8;
  std::optional<std::vector<float>> input_absmax;

  std::int64_t fit_images = 1000;

  int epochs = 0;
  double percentile = 99.9;
  std::int64_t percentile_images = 2000;
  double learning_rate = 0.05;
  double lambda_learning_rate = 0.01;
  double clip_norm = 5;
  double distillation = 3;
  double label_weight = 1;
  double synop_weight = 0;
  double weight_decay = 5e-4;
  double average = 0;

  std::optional<FineTuning> tune;
  int tune_epochs = 6;
  std::int64_t tune_images = 0;
  double tune_learning_rate = 0.03;
  double threshold_learning_rate = 0.1;
  double tune_clip_norm = 5;
  double tune_distillation = 3;
  double rate_matching = 10;
  double time_consistency = 0.2;
  std::int64_t memory_limit = 0;

  std::int64_t attribution_images = 128;

  bool operator==(const Settings&) const = default;
};

inline constexpr auto kOwnFields = [] {
  using settings::field, settings::Group;
  using S = Settings;
  constexpr auto expert = settings::Level::expert;
  constexpr std::int64_t images = settings::kMostImages;
  return std::tuple{
      field("timesteps", &S::timesteps, {1, 4096}, "timesteps T", Group::network),
      field("mode", &S::mode, {}, "synchronous, or exact: accumulate all T inputs of a layer, then fire",
            Group::network),
      field("neuron", &S::neuron, {}, "plain, or signed: takes early spikes back", Group::network),
      field("levels", &S::levels, {1, 256}, "levels L of QCFS; auto: 4 up to T = 8, 8 beyond", Group::network),
      field("weight_bits", &S::weight_bits, {2, 8}, "bits of a weight", Group::network),
      field("input_bits", &S::input_bits, {2, 8}, "bits of an input pixel", Group::network, expert),
      field("input_absmax", &S::input_absmax, {},
            "largest input magnitude of each channel; auto: from the normalisation, or measured", Group::network,
            expert),

      field("fit_images", &S::fit_images, {2, images},
            "training images, drawn by the seed, to whose spikes thresholds, weights and biases are fitted",
            Group::fitting),

      field("epochs", &S::epochs, {0, 10000}, "epochs of QCFS calibration; 0: no training", Group::calibration),
      field("percentile", &S::percentile, {50, 100}, "of each channel's activations: where its threshold starts",
            Group::calibration),
      field("percentile_images", &S::percentile_images, {1, images}, "images on which percentiles are measured",
            Group::calibration, expert),
      field("learning_rate", &S::learning_rate, {0, 100}, "peak learning rate, cosine to 0", Group::calibration),
      field("lambda_learning_rate", &S::lambda_learning_rate, {0, 100}, "peak learning rate of the thresholds",
            Group::calibration, expert),
      field("clip_norm", &S::clip_norm, {0, 1e6}, "largest norm of the gradient; 0: any", Group::calibration, expert),
      field("distillation", &S::distillation, {0, 1000}, "weight of KL(ANN || QCFS) at temperature 3",
            Group::calibration, expert),
      field("label_weight", &S::label_weight, {0, 1000},
            "weight of the cross-entropy with the labels, in fine-tuning too; 0: the ANN alone teaches",
            Group::calibration, expert),
      field("synop_weight", &S::synop_weight, {0, 1e6},
            "weight of the synaptic operations in the loss, in fine-tuning too", Group::calibration),
      field("weight_decay", &S::weight_decay, {0, 1}, "of weights, in fine-tuning too", Group::calibration, expert),
      field("average", &S::average, {0, 0.99999},
            "decay per step of a moving average of the weights, in fine-tuning too; 0: none", Group::calibration,
            expert),

      field("tune", &S::tune, {}, "fine-tuning at T; auto: bptt up to T = 16 in a calibrated network, else none",
            Group::fine_tuning),
      field("tune_epochs", &S::tune_epochs, {0, 10000}, "epochs of fine-tuning", Group::fine_tuning),
      field("tune_images", &S::tune_images, {0, images}, "images of one such epoch, drawn anew for each; 0: all",
            Group::fine_tuning),
      field("tune_learning_rate", &S::tune_learning_rate, {0, 100}, "peak learning rate of the fine-tuning",
            Group::fine_tuning),
      field("threshold_learning_rate", &S::threshold_learning_rate, {0, 100},
            "of thresholds and v0, as a fraction of tune_learning_rate", Group::fine_tuning, expert),
      field("tune_clip_norm", &S::tune_clip_norm, {0, 1e6}, "largest norm of the gradient; 0: any", Group::fine_tuning,
            expert),
      field("tune_distillation", &S::tune_distillation, {0, 1000}, "weight of KL(ANN || SNN) at temperature 3",
            Group::fine_tuning, expert),
      field("rate_matching", &S::rate_matching, {0, 1000},
            "weight of the error of every layer's rates against the calibrated activations", Group::fine_tuning,
            expert),
      field("time_consistency", &S::time_consistency, {0, 1000}, "weight of KL(mean over time || timestep)",
            Group::fine_tuning, expert),
      field("memory_limit", &S::memory_limit, {0},
            "bytes for one step, batches are split to fit; 0: half of what is free", Group::fine_tuning, expert),

      field("attribution_images", &S::attribution_images, {0, images},
            "images on which errors are attributed to their causes; 0: not at all", Group::report, expert)};
}();

static_assert(settings::kHasMembers<Settings, 4 + std::tuple_size_v<decltype(kOwnFields)>>,
              "every member of Settings needs its field in the table, and every base below");

inline constexpr auto kSettingsTable =
    std::tuple_cat(kOwnFields, settings::Selecting::fields<Settings>(), settings::Trained::fields<Settings>(),
                   settings::OnDevice::fields<Settings>(), settings::Seeded::fields<Settings>());

inline const auto& settings_table(const Settings&) { return kSettingsTable; }

/// What is left to choose itself, chosen: levels and fine-tuning from T and the mode, augmentation and the range of the
/// input from the data. `calibrated`: the thresholds come from an earlier conversion. Throws SettingError where a
/// setting is out of range, or where nothing would teach. Nothing else fills an empty setting.
Settings resolve(const Settings& given, const data::Dataset& calibration, bool calibrated = false);

/// Whether anything is trained. `settings`: resolved.
bool trains(const Settings& settings, bool calibrated);

/// L for a target T: 4 up to T = 8, 8 beyond. Low L keeps the rounding of QCFS and the rate code of few timesteps
/// alike.
std::int64_t default_levels(int timesteps);

/// Settings of earlier versions.
inline constexpr std::array kGoneSettings{
    settings::Gone{"lr", "learning_rate", ""},
    settings::Gone{"lambda_lr", "lambda_learning_rate", ""},
    settings::Gone{"tune_lr", "tune_learning_rate", ""},
    settings::Gone{"tune_rates", "rate_matching", ""},
    settings::Gone{"tuning", "tune", ""},
    settings::Gone{"correction_rounds", "", "biases by timestep are fitted for every layer"},
    settings::Gone{"correction_images", "fit_images", ""},
    settings::Gone{"noise", "", "it did not help (lab/)"},
    settings::Gone{"noise_warmup", "", "it did not help (lab/)"},
    settings::Gone{"mixup", "", "it did not help (lab/)"},
    settings::Gone{"cutmix", "", "it did not help (lab/)"},
    settings::Gone{"plain_epochs", "", "images are no longer mixed"},
    settings::Gone{"freeze_weights", "", "it did not help (lab/)"},
    settings::Gone{"tune_per_timestep", "", "it did not help (lab/)"},
    settings::Gone{"per_timestep", "", "it did not help (lab/)"},
    settings::Gone{"float_weights", "", "calibration always sees the weights of the integer grid"},
    settings::Gone{"quantize_weights", "", "calibration always sees the weights of the integer grid"},
};
inline const auto& gone_settings(const Settings&) { return kGoneSettings; }

/// What few people touch, by purpose. The figures behind each are in docs/benchmarks.md and lab/.
inline constexpr std::array kRecipes{
    settings::Recipe{
        "train",
        "many images, labels or not, and hours: ten epochs of calibration and fine-tuning at T, kept where better",
        R"({"epochs": 10})"},
    settings::Recipe{"few-images",
                     "a few thousand calibration images: the ANN teaches more than the labels, weights are averaged",
                     R"({"epochs": 10, "label_weight": 0.3, "average": 0.98, "held_out": 0.04})"},
    settings::Recipe{"labels",
                     "long fine-tuning at few timesteps with all images: labels and the ANN's answers alone teach",
                     R"({"epochs": 10, "rate_matching": 0, "tune_distillation": 0.5})"},
    settings::Recipe{"sparse", "few synaptic operations: they have a weight in the loss, thresholds start high",
                     R"({"epochs": 10, "synop_weight": 5, "levels": 16, "percentile": 100, "rate_matching": 5})"},
};
inline const auto& recipes_of(const Settings&) { return kRecipes; }

}  // namespace neurocuda::conversion
