#include <gtest/gtest.h>

#include "neurocuda/data/dataset.hpp"
#include "neurocuda/data/loader.hpp"
#include "support/expect_error.hpp"

namespace neurocuda {
namespace {

using namespace data;
using testing::expect_error;

/// Two trains of four timesteps over (1, 1, 2) pixels: pixel i of train n spikes at the timesteps below n + i + 1.
Dataset two_trains(bool floats) {
  Dataset dataset;
  dataset.name = "trains";
  dataset.labels = {0, 1};
  dataset.classes = 2;
  const Shape shape{2, 4, 1, 1, 2};
  const std::vector<std::uint8_t> spikes{1, 1, 0, 1, 0, 0, 0, 0, 1, 1, 1, 1, 0, 1, 0, 0};
  if (floats) {
    dataset.values = Tensor<float>(shape, std::vector<float>(spikes.begin(), spikes.end()));
  } else {
    dataset.images = Tensor<std::uint8_t>(shape, spikes);
    dataset.mean = {0.3F};
    dataset.stddev = {7.0F};
  }
  return dataset;
}

TEST(SpikeTrains, AreReadAsTheyAre) {
  for (const bool floats : {false, true}) {
    const Dataset dataset = two_trains(floats);
    EXPECT_EQ(spike_trains(dataset, 1, 2), Tensor<float>({1, 4, 1, 1, 2}, {1, 1, 1, 1, 0, 1, 0, 0}));
    EXPECT_EQ(spike_trains_for({1, 1, 2}, dataset, 0, 2).shape(), (Shape{2, 4, 1, 1, 2}));
    expect_error<UserError>([&] { spike_trains_for({1, 2, 2}, dataset, 0, 1); }, {"trains", "(1, 1, 2)", "(1, 2, 2)"});
  }
}

TEST(SpikeTrains, AnAnnSeesTheirMean) {
  for (const bool floats : {false, true}) {
    const Dataset dataset = two_trains(floats);
    const Tensor<float> means({2, 1, 1, 2}, {0.25F, 0.5F, 0.5F, 0.75F});
    EXPECT_EQ(normalized(dataset, 0, 2, {0.1F}, {3.0F}), means);
    EXPECT_EQ(normalized_for({1, 1, 2}, dataset, 0, 2, {}, {}), means);
    Loader loader(dataset, {.batch_size = 2});
    Batch batch;
    ASSERT_TRUE(loader.next(batch));
    EXPECT_EQ(batch.images, means);
  }
}

TEST(SpikeTrains, HoldNothingButSpikes) {
  for (const bool floats : {false, true}) EXPECT_NO_THROW(require_spikes(two_trains(floats)));
  Dataset dataset = two_trains(false);
  dataset.images[11] = 3;
  expect_error<UserError>([&] { require_spikes(dataset); }, {"trains", "image 1 holds 3 at element 3", "x > 0"});
  expect_error<UserError>(
      [] {
        from_values("loader", Tensor<float>({1, 2, 1, 1, 1}, {1, 0.5F}), {0}, 1);
      },
      {"loader", "0.5", "0 and 1"});
}

TEST(SpikeTrains, StillImagesAreNone) {
  Dataset stills;
  stills.name = "stills";
  stills.images = Tensor<std::uint8_t>({1, 1, 2, 2});
  EXPECT_NO_THROW(require_spikes(stills));
  expect_error<UserError>([&] { spike_trains(stills, 0, 1); }, {"stills", "still images", "time axis"});
}

}  // namespace
}  // namespace neurocuda
