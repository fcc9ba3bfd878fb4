#include "neurocuda/conversion/settings.hpp"

#include "neurocuda/data/loader.hpp"

namespace neurocuda::conversion {
namespace {

/// Accumulate, then fire is QCFS with L = T, which the calibration has trained: there is nothing left to tune.
FineTuning fine_tuning_for(const Settings& given, bool calibrated) {
  const bool exact = given.mode == program::Mode::exact;
  if (exact && given.tune == FineTuning::bptt)
    throw SettingError("tune", "bptt", "the exact mode leaves nothing to tune; choose none, or mode synchronous");
  if (exact) return FineTuning::none;
  const bool is_signed = given.neuron == program::NeuronKind::signed_;
  if (is_signed && given.tune == FineTuning::bptt)
    throw SettingError("tune", "bptt", "signed neurons are not trained through time; choose none, or neuron plain");
  if (is_signed) return FineTuning::none;
  // Through time up to T = 16: beyond, there is little left to gain, and it costs T times more.
  const bool trained = calibrated || given.epochs > 0;
  return given.tune.value_or(trained && given.timesteps <= 16 ? FineTuning::bptt : FineTuning::none);
}

/// A network of spike trains runs as long as they do, and is not trained through time.
void require_for_trains(const Settings& given, const data::Dataset& calibration) {
  if (given.timesteps > calibration.timesteps()) {
    throw SettingError("timesteps", std::to_string(given.timesteps),
                       fmt::format("the spike trains of {} have {}; give so many or fewer", calibration.name,
                                   calibration.timesteps()));
  }
  if (given.tune == FineTuning::bptt)
    throw SettingError("tune", "bptt", "networks of spike trains are not trained through time; choose none");
}

void require_teacher(const Settings& settings) {
  const auto check = [&](const char* name, double distillation) {
    if (settings.label_weight == 0 && distillation == 0)
      throw SettingError(name, "0", "with label_weight 0 nothing would teach; give one of both a weight");
  };
  if (settings.epochs > 0) check("distillation", settings.distillation);
  if (settings.tune == FineTuning::bptt) check("tune_distillation", settings.tune_distillation);
}

}  // namespace

bool trains(const Settings& settings, bool calibrated) {
  return calibrated || settings.epochs > 0 || (settings.tune == FineTuning::bptt && settings.tune_epochs > 0);
}

std::int64_t default_levels(int timesteps) { return timesteps <= 8 ? 4 : 8; }

Settings resolve(const Settings& given, const data::Dataset& calibration, bool calibrated) {
  settings::validate(given);
  Settings settings = given;
  settings.levels = given.levels.value_or(default_levels(given.timesteps));
  const data::Augmentation usual = data::usual_augmentation(calibration);
  settings.crop_padding = given.crop_padding.value_or(usual.crop_padding);
  settings.flip = given.flip.value_or(usual.flip);
  if (calibration.timesteps() > 0) {
    require_for_trains(given, calibration);
    settings.tune = FineTuning::none;
    return settings;
  }
  if (!given.input_absmax && calibration.is_normalized()) settings.input_absmax = data::channel_absmax(calibration);
  settings.tune = fine_tuning_for(given, calibrated);
  require_teacher(settings);
  return settings;
}

}  // namespace neurocuda::conversion
