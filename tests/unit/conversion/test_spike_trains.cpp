#include <gtest/gtest.h>

#include "neurocuda/base/random.hpp"
#include "neurocuda/conversion/convert.hpp"
#include "neurocuda/metrics/evaluation.hpp"
#include "neurocuda/network/evaluate.hpp"
#include "neurocuda/runtime/backends.hpp"
#include "support/digits_run.hpp"
#include "support/expect_error.hpp"

namespace neurocuda::conversion {
namespace {

/// Digits as spikes that come with the brightness of a pixel as their rate.
data::Dataset as_trains(const data::Dataset& digits, std::int64_t count, std::int64_t timesteps) {
  data::Dataset trains;
  trains.name = "digits as spikes";
  trains.classes = digits.classes;
  trains.labels.assign(digits.labels.begin(), digits.labels.begin() + count);
  trains.images = Tensor<std::uint8_t>({count, timesteps, 1, 8, 8});
  Random random(11);
  for (std::int64_t image = 0; image < count; ++image) {
    for (std::int64_t i = 0; i < timesteps * 64; ++i) {
      const double rate = digits.images[image * 64 + i % 64] / 255.0;
      trains.images[image * timesteps * 64 + i] = random.uniform() < rate ? 1 : 0;
    }
  }
  return trains;
}

class SpikeTrains : public ::testing::Test {
 protected:
  static ConvertOptions options(int timesteps, program::Mode mode = program::Mode::synchronous) {
    ConvertOptions options;
    options.settings.timesteps = timesteps;
    options.settings.mode = mode;
    options.settings.threads = 1;
    options.settings.attribution_images = 20;
    return options;
  }
  const data::Splits digits_ = data::load_digits();
  const data::Dataset train_ = as_trains(digits_.train, 400, 12), test_ = as_trains(digits_.test, 200, 12);
};

TEST_F(SpikeTrains, GoFromCalibrationToTheProgram) {
  const ir::Graph ann = testing::trained_digits();
  network::FloatOptions plain;
  plain.compute.threads = 1;
  const auto answers = network::evaluate_float(ann, test_, plain).predictions;
  for (const auto mode : {program::Mode::synchronous, program::Mode::exact}) {
    const Conversion conversion = convert(ann, train_, &test_, options(12, mode));
    const program::Program& program = conversion.lowered.program;
    EXPECT_EQ(program.input().encoding, program::InputEncoding::spike_train);
    EXPECT_EQ(program.timesteps, 12);
    EXPECT_TRUE(conversion.spiking.input_operator().spike_train);
    const auto& spiking = *conversion.evaluation;
    EXPECT_GT(metrics::agreement(answers, spiking.predictions), 0.8) << program::name_of(mode);
    EXPECT_EQ(spiking.accuracy, metrics::evaluate(*runtime::compile(program, "cpu"), test_, {.mode = mode}).accuracy);
    EXPECT_FALSE(conversion.attribution.layers.empty());
    // The float network fires on the same spikes.
    network::FloatOptions floats = plain;
    floats.timesteps = 12;
    floats.mode = mode;
    const auto float_answers = network::evaluate_float(conversion.spiking, test_, floats).predictions;
    EXPECT_GT(metrics::agreement(float_answers, spiking.predictions), 0.98) << program::name_of(mode);
  }
}

TEST_F(SpikeTrains, ConvertForFewerTimestepsThanTheyHave) {
  const ir::Graph ann = testing::trained_digits();
  network::FloatOptions plain;
  plain.compute.threads = 1;
  const auto answers = network::evaluate_float(ann, test_, plain).predictions;
  const Conversion conversion = convert(ann, train_, &test_, options(5));
  EXPECT_EQ(conversion.evaluation->timesteps, 5);
  EXPECT_GT(metrics::agreement(answers, conversion.evaluation->predictions), 0.5);
}

TEST_F(SpikeTrains, RefuseWhatTheyCannotGive) {
  using testing::expect_error;
  Settings settings;
  settings.timesteps = 13;
  expect_error<SettingError>([&] { resolve(settings, train_); }, {"timesteps", "13", "have 12", "fewer"});
  settings.timesteps = 12;
  EXPECT_EQ(resolve(settings, train_).tune, FineTuning::none);
  settings.tune = FineTuning::bptt;
  expect_error<SettingError>([&] { resolve(settings, train_); }, {"tune", "bptt", "spike trains"});
}

}  // namespace
}  // namespace neurocuda::conversion
