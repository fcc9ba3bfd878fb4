#pragma once

#include "neurocuda/conversion/settings.hpp"
#include "neurocuda/data/dataset.hpp"

namespace neurocuda::testing {

/// For the digits on one thread, resolved, no fine-tuning unless a test asks for it.
inline conversion::Settings digits_settings(int epochs, int timesteps = 4) {
  conversion::Settings settings;
  settings.epochs = epochs;
  settings.timesteps = timesteps;
  settings.levels = 4;
  settings.batch_size = 64;
  settings.crop_padding = 1;
  settings.flip = false;
  settings.threads = 1;
  settings.tune = conversion::FineTuning::none;
  return settings;
}

}  // namespace neurocuda::testing
