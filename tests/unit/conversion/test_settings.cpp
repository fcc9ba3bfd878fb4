#include <gtest/gtest.h>

#include "neurocuda/base/settings_json.hpp"
#include "neurocuda/conversion/settings.hpp"
#include "support/changed_setting.hpp"
#include "support/expect_error.hpp"

namespace neurocuda::conversion {
namespace {

data::Dataset colour_images() {
  data::Dataset images;
  images.images = Tensor<std::uint8_t>({2, 3, 32, 32}, 7);
  images.labels = {0, 1};
  return images;
}

TEST(Settings, EveryOneSurvivesJsonInAnyValue) {
  settings::for_each_field(Settings{}, [](const auto& field) {
    Settings changed;
    testing::change(changed, field);
    EXPECT_NE(changed, Settings{}) << field.name;
    Settings read;
    settings::assign_all(read, settings::Json::parse(settings::to_json(changed).dump()));
    EXPECT_EQ(read, changed) << field.name;
  });
}

TEST(Settings, ResolvingFillsWhatIsEmptyAndNothingElse) {
  const Settings resolved = resolve(Settings{}, colour_images());
  EXPECT_EQ(resolved.levels, 8);
  EXPECT_EQ(resolved.tune, FineTuning::none);  // at T = 32
  EXPECT_EQ(resolved.crop_padding, 4);
  EXPECT_EQ(resolved.flip, true);
  EXPECT_FALSE(resolved.input_absmax.has_value());  // the normalisation tells
  Settings expected = resolved, given;
  given.timesteps = 4;
  given.epochs = expected.epochs = 1;
  expected.timesteps = 4;
  expected.levels = 4;
  expected.tune = FineTuning::bptt;
  EXPECT_EQ(resolve(given, colour_images()), expected);
  EXPECT_EQ(resolve(expected, colour_images()), expected);
}

TEST(Settings, ImagesOfALoaderAreNotAugmentedAndTellTheirRange) {
  const auto floats = data::from_values("loader", Tensor<float>({1, 3, 8, 8}, 0.5F), {0}, 2);
  const Settings resolved = resolve(Settings{}, floats);
  EXPECT_EQ(resolved.crop_padding, 0);
  EXPECT_EQ(resolved.flip, false);
  EXPECT_EQ(resolved.input_absmax, (std::vector<float>{0.5F, 0.5F, 0.5F}));
}

TEST(Settings, FineTuningIsThroughTimeWhereItPays) {
  const auto tune = [](int timesteps, int epochs, bool calibrated, program::Mode mode) {
    Settings settings;
    settings.timesteps = timesteps;
    settings.epochs = epochs;
    settings.mode = mode;
    return resolve(settings, colour_images(), calibrated).tune;
  };
  constexpr auto synchronous = program::Mode::synchronous;
  EXPECT_EQ(tune(16, 1, false, synchronous), FineTuning::bptt);
  EXPECT_EQ(tune(17, 1, false, synchronous), FineTuning::none);
  EXPECT_EQ(tune(4, 0, false, synchronous), FineTuning::none);
  EXPECT_EQ(tune(4, 0, true, synchronous), FineTuning::bptt);
  EXPECT_EQ(tune(4, 1, false, program::Mode::exact), FineTuning::none);
}

TEST(Settings, RefusesWhatDoesNotGoTogether) {
  Settings settings;
  settings.epochs = 1;
  settings.label_weight = settings.distillation = 0;
  testing::expect_error<SettingError>([&] { resolve(settings, colour_images()); }, {"distillation 0", "label_weight"});
  settings = {};
  settings.mode = program::Mode::exact;
  settings.tune = FineTuning::bptt;
  testing::expect_error<SettingError>([&] { resolve(settings, colour_images()); }, {"tune bptt", "exact"});
  settings = {};
  settings.percentile = 20;
  testing::expect_error<SettingError>([&] { resolve(settings, colour_images()); }, {"percentile 20", "50 to 100"});
}

TEST(Settings, EveryRecipeIsValidAndChangesSomething) {
  for (const settings::Recipe& recipe : kRecipes) {
    Settings settings;
    settings::apply_recipe(settings, recipe.name);
    EXPECT_NE(settings, Settings{}) << recipe.name;
    EXPECT_NO_THROW(resolve(settings, colour_images())) << recipe.name;
  }
}

TEST(Settings, GoneOnesAreNoSettingsAndNameOnesThatAre) {
  for (const settings::Gone& gone : kGoneSettings) {
    Settings settings;
    EXPECT_FALSE(settings::assign(settings, gone.name, 1)) << gone.name;
    EXPECT_NE(gone.replacement.empty(), gone.reason.empty()) << gone.name;
    bool known = gone.replacement.empty();
    settings::for_each_field(settings, [&](const auto& field) { known = known || field.name == gone.replacement; });
    EXPECT_TRUE(known) << gone.name << " -> " << gone.replacement;
  }
}

}  // namespace
}  // namespace neurocuda::conversion
