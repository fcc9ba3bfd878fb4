#include <cmath>

#include "neurocuda/metrics/random_network.hpp"
#include "neurocuda/runtime/backends.hpp"
#include "support/expect_error.hpp"

namespace neurocuda {
namespace {

using testing::expect_error;

constexpr double kDensity = 0.08;
constexpr int kTimesteps = 4;

const program::Program& made_once() {
  static const program::Program program = metrics::random_network("resnet20", kDensity, kTimesteps, 3);
  return program;
}

TEST(RandomNetwork, EveryLayerFiresAtTheDensity) {
  constexpr int kImages = 2;
  const program::Program& program = made_once();
  const auto images = metrics::random_images(program, kImages, 99);
  const auto result = runtime::compile(program, "cpu")->run(images, {.wanted = {.counts = true}});
  int layers = 0;
  for (std::size_t i = 0; i < program.nodes.size(); ++i) {
    if (program.nodes[i].as<program::IfLayer>() == nullptr) continue;
    double spikes = 0;
    for (int t = 0; t < kTimesteps; ++t)
      spikes += static_cast<double>(result.activity().spikes[static_cast<std::int64_t>(i) * kTimesteps + t]);
    const double density = spikes / static_cast<double>(element_count(program.nodes[i].shape) * kTimesteps * kImages);
    EXPECT_NEAR(density, kDensity, 0.2 * kDensity) << program.nodes[i].name;
    ++layers;
  }
  EXPECT_EQ(layers, 19);
  EXPECT_EQ(program::neuron_count(program), 188416);
  EXPECT_EQ(program.timesteps, kTimesteps);
}

TEST(RandomNetwork, IsTheSameForTheSameSeed) {
  EXPECT_EQ(metrics::random_network("resnet20", kDensity, kTimesteps, 3), made_once());
}

TEST(RandomNetwork, RefusesWhatItCannotMake) {
  expect_error<UserError>([] { metrics::random_network("resnet50", 0.1, 4, 1); },
                          {"'resnet50'", "resnet18, resnet18_imagenet, resnet20, vgg16"});
  for (const double density : {0.0, -1.0, 0.9, std::nan("")}) {
    expect_error<UserError>([&] { metrics::random_network("vgg16", density, 4, 1); }, {"density", "0.001..0.5"});
  }
  expect_error<UserError>([] { metrics::random_network("vgg16", 0.1, 0, 1); }, {"timesteps 0"});
  expect_error<UserError>([] { metrics::random_network("vgg16", 0.1, 4097, 1); }, {"4097"});
}

}  // namespace
}  // namespace neurocuda
