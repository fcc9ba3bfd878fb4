#include <gtest/gtest.h>

#include "neurocuda/base/error.hpp"
#include "neurocuda/compiler/compiler.hpp"
#include "neurocuda/conversion/attribution.hpp"
#include "neurocuda/conversion/fit_layers.hpp"
#include "neurocuda/ir/contains.hpp"
#include "neurocuda/metrics/evaluation.hpp"
#include "neurocuda/network/device.hpp"
#include "neurocuda/network/evaluate.hpp"
#include "neurocuda/passes/passes.hpp"
#include "neurocuda/program/node_traits.hpp"
#include "neurocuda/runtime/backends.hpp"
#include "support/digits_run.hpp"
#include "support/random_graph.hpp"

namespace neurocuda::conversion {
namespace {

class FitLayers : public ::testing::Test {
 protected:
  static Settings plain_settings(int timesteps, program::Mode mode = program::Mode::synchronous) {
    Settings settings;
    settings.timesteps = timesteps;
    settings.mode = mode;
    settings.threads = 1;
    return resolve(settings, data::load_digits().train);
  }
  static Settings signed_settings(int timesteps) {
    Settings settings = plain_settings(timesteps);
    settings.neuron = program::NeuronKind::signed_;
    return settings;
  }
  void expect_means(const Settings& settings);
  static ir::Graph folded() { return passes::fold_batch_norm(testing::trained_digits()); }
  static program::Program lowered(const ir::Graph& graph, const Settings& settings) {
    compiler::LowerOptions lower;
    lower.timesteps = settings.timesteps;
    return compiler::lower(graph, lower).program;
  }
  data::Dataset images(std::int64_t count) const { return data::head(digits_.train, count); }
  double agreement(const program::Program& program, program::Mode mode) const {
    network::FloatOptions plain;
    plain.compute.threads = 1;
    const auto expected = network::evaluate_float(folded(), digits_.test, plain).predictions;
    metrics::EvaluateOptions evaluate;
    evaluate.mode = mode;
    const auto found = metrics::evaluate(*runtime::compile(program, "cpu"), digits_.test, evaluate).predictions;
    double equal = 0;
    for (std::size_t i = 0; i < found.size(); ++i) equal += found[i] == expected[i];
    return equal / static_cast<double>(found.size());
  }
  const data::Splits digits_ = data::load_digits();
};

TEST_F(FitLayers, BeatsThresholdsAlone) {
  const Settings settings = plain_settings(1);
  const FittedLayers fitted = fit_layers(folded(), images(1000), settings);
  ir::Graph bare = fitted.graph;
  const ir::Graph given = folded();
  for (ir::NodeId id = 0; id < bare.size(); ++id) {
    if (auto* neurons = std::get_if<ir::IF>(&bare.op(id))) {
      neurons->bias_by_timestep = {};
    } else {
      bare.op(id) = given.node(id).op;
    }
  }
  EXPECT_GT(agreement(lowered(fitted.graph, settings), settings.mode),
            agreement(lowered(bare, settings), settings.mode) + 0.2);
}

TEST_F(FitLayers, LiesOnTheGrid) {
  const Settings settings = plain_settings(3);
  const FittedLayers fitted = fit_layers(folded(), images(200), settings);
  compiler::LowerOptions lower;
  lower.timesteps = 3;
  for (const auto& layer : compiler::lower(fitted.graph, lower).rounding) {
    for (const auto& channel : layer.channels) {
      EXPECT_LT(channel.theta_error, 1e-5) << layer.layer;
      EXPECT_LT(channel.bias_error, 1e-4) << layer.layer;
    }
  }
}

/// At every timestep the spikes of the calibration images have the mean of the activations: measured in the Program.
void FitLayers::expect_means(const Settings& settings) {
  const data::Dataset some = images(300);
  const ir::Graph network = folded();
  const FittedLayers fitted = fit_layers(network, some, settings);
  const program::Program program = lowered(fitted.graph, settings);
  const auto pixels = data::normalized(some, 0, some.size(), some.mean, some.stddev);
  network::FloatOptions plain;
  plain.compute.threads = 1;
  const auto activations = network::activation_values(network, pixels.view(), plain);
  runtime::RunOptions run;
  run.wanted = {.recording = runtime::Recording::spikes};
  const auto result = runtime::compile(program, "cpu")->run(program::encode(program, pixels.view()), run);
  std::size_t next = 0;
  for (const auto& record : result.record().layers) {
    const auto* neurons =
        fitted.graph.node(fitted.graph.find(program.nodes[static_cast<std::size_t>(record.node)].name)).as<ir::IF>();
    const Tensor<float>& wanted = activations.at(next++);
    const std::int64_t plane = record.neurons / neurons->theta.size();
    double target = 0;
    for (std::int64_t i = 0; i < wanted.size(); ++i)
      target += wanted[i] / static_cast<double>(neurons->theta[i % record.neurons / plane]);
    target /= static_cast<double>(wanted.size());
    for (std::int64_t t = 0; t < 6; ++t) {
      double spikes = 0;
      for (std::int64_t image = 0; image < record.images; ++image) {
        for (std::int64_t n = 0; n < record.neurons; ++n) spikes += record.spike(image, t, n);
      }
      const double mean = spikes / static_cast<double>(record.images * record.neurons);
      EXPECT_NEAR(mean, target, 0.25 * target) << program.nodes[static_cast<std::size_t>(record.node)].name << " " << t;
    }
  }
}

TEST_F(FitLayers, EveryTimestepHasTheMeanOfTheActivation) { expect_means(plain_settings(6)); }

TEST_F(FitLayers, SoItHasWithSignedNeurons) { expect_means(signed_settings(6)); }

/// What they are for: fewer errors by spikes that came too early. What rounding does (the float network against its
/// Program) stays what it is: both know signed neurons alike.
TEST_F(FitLayers, SignedNeuronsHaveLessUnevenness) {
  const auto errors = [&](const Settings& settings) {
    const ir::Graph graph = fit_layers(folded(), images(500), settings).graph;
    const program::Program program = lowered(graph, settings);
    EXPECT_EQ(program::neurons_of(program), settings.neuron);
    network::ComputeOptions compute;
    compute.threads = 1;
    LayerAttribution total;
    for (const LayerAttribution& layer : attribute_errors(folded(), graph, program, images(60), compute)) {
      total.unevenness += layer.unevenness;
      total.rounding += layer.rounding;
    }
    return total;
  };
  const LayerAttribution plain = errors(plain_settings(5)), with_signs = errors(signed_settings(5));
  EXPECT_LT(with_signs.unevenness, 0.8 * plain.unevenness);
  EXPECT_LT(with_signs.rounding, 1.2 * plain.rounding);
}

TEST_F(FitLayers, InTheExactModeNeuronsArePlain) {
  Settings settings = plain_settings(3, program::Mode::exact);
  settings.neuron = program::NeuronKind::signed_;
  const auto program = lowered(fit_layers(folded(), images(100), settings).graph, settings);
  EXPECT_EQ(program::neurons_of(program), program::NeuronKind::plain);
}

TEST_F(FitLayers, SignedNeuronsAreNotTrainedThroughTime) {
  Settings settings;
  settings.neuron = program::NeuronKind::signed_;
  settings.epochs = 2;
  settings.timesteps = 4;
  EXPECT_EQ(resolve(settings, digits_.train).tune, FineTuning::none);
  settings.tune = FineTuning::bptt;
  EXPECT_THROW(resolve(settings, digits_.train), SettingError);
}

/// Every reader of the first layer reads it behind a max pool: there its mean is right, at every timestep, and the
/// network answers as its ANN does.
TEST_F(FitLayers, BehindAMaxPoolTheMeanIsThatOfThePooledActivation) {
  ir::Graph small;
  Random random(5);
  const auto weights = [&](Shape shape) { return testing::random_tensor(random, std::move(shape), -0.4, 0.4); };
  small.add("input", ir::Input{{1, 8, 8}, {digits_.train.mean, digits_.train.stddev}});
  small.add("conv", ir::Conv2d{weights({12, 1, 3, 3}), weights({12}), {{3, 3}, {1, 1}, {1, 1}}}, {0});
  small.add("relu", ir::ReLU{}, {1});
  small.add("max", ir::MaxPool2d{{{2, 2}, {2, 2}}, {}}, {2});
  small.add("flat", ir::Flatten{}, {3});
  small.add("fc", ir::Linear{weights({10, 192}), weights({10})}, {4});
  small.add("output", ir::Output{}, {5});
  const Settings settings = plain_settings(6);
  const data::Dataset some = images(300);
  const program::Program program = lowered(fit_layers(small, some, settings).graph, settings);
  const auto* pool = program.nodes[2].as<program::OrPool>();
  ASSERT_NE(pool, nullptr);
  EXPECT_EQ(pool->rule, program::MaxPoolRule::maximum_of_counts);

  const auto pixels = data::normalized(some, 0, some.size(), some.mean, some.stddev);
  network::FloatOptions plain;
  plain.compute.threads = 1;
  const Tensor<float> values = network::activation_values(small, pixels.view(), plain).at(0);
  runtime::RunOptions run;
  run.wanted = {.recording = runtime::Recording::spikes};
  const auto result = runtime::compile(program, "cpu")->run(program::encode(program, pixels.view()), run);
  const auto& record = result.record().layers.front();
  const auto pooled_sum = [&](const auto& value) {  // of 8x8 maps, 2x2 windows
    double sum = 0;
    for (std::int64_t n = 0; n < 12 * 64; ++n) {
      if (n / 8 % 2 == 0 && n % 2 == 0) sum += std::max({value(n), value(n + 1), value(n + 8), value(n + 9)});
    }
    return sum;
  };
  const auto& layer = *program.nodes[1].as<program::IfLayer>();
  double wanted = 0;
  std::vector<double> sent(6, 0);
  for (std::int64_t image = 0; image < record.images; ++image) {
    const auto theta = [&](std::int64_t n) {
      const auto c = static_cast<std::size_t>(n / 64);
      return layer.theta[c] * layer.scale[c];
    };
    wanted += pooled_sum([&](std::int64_t n) { return double{values[image * 12 * 64 + n]}; });
    std::vector<double> counts(12 * 64, 0);
    double before = 0;
    for (std::int64_t t = 0; t < 6; ++t) {
      for (std::int64_t n = 0; n < 12 * 64; ++n)
        counts[static_cast<std::size_t>(n)] += record.spike(image, t, n) * theta(n);
      const double now = pooled_sum([&](std::int64_t n) { return counts[static_cast<std::size_t>(n)]; });
      sent[static_cast<std::size_t>(t)] += now - before;
      before = now;
    }
  }
  for (std::size_t t = 0; t < sent.size(); ++t) EXPECT_NEAR(sent[t], wanted, 0.1 * wanted) << t;
}

TEST_F(FitLayers, DoesNotDependOnTheNumberOfThreads) {
  for (const auto mode : {program::Mode::synchronous, program::Mode::exact}) {
    Settings settings = plain_settings(3, mode);
    const ir::Graph one = fit_layers(folded(), images(151), settings).graph;
    settings.threads = 2;
    const ir::Graph two = fit_layers(folded(), images(151), settings).graph;
    EXPECT_EQ(lowered(one, settings).nodes, lowered(two, settings).nodes) << program::name_of(mode);
  }
}

TEST_F(FitLayers, TheExactModeTakesOneBias) {
  const Settings settings = plain_settings(4, program::Mode::exact);
  const ir::Graph graph = fit_layers(folded(), images(200), settings).graph;
  const program::Program program = lowered(graph, settings);
  for (const program::Node& node : program.nodes) {
    if (const auto* layer = node.as<program::IfLayer>()) {
      EXPECT_TRUE(layer->bias_by_timestep.empty()) << node.name;
    }
  }
  EXPECT_GT(agreement(program, program::Mode::exact), 0.95);
}

TEST_F(FitLayers, ReportsWhereWeightsGained) {
  const FittedLayers fitted = fit_layers(folded(), images(400), plain_settings(4));
  ASSERT_FALSE(fitted.layers.empty());
  EXPECT_EQ(fitted.layers.front().refitted, 0);  // it reads the image itself
  double gain = 0;
  for (const LayerFit& layer : fitted.layers) {
    EXPECT_LE(layer.error_after, layer.error_before) << layer.layer;
    gain += layer.error_before - layer.error_after;
  }
  EXPECT_GT(gain, 0.01);
}

TEST_F(FitLayers, TwoImagesAreEnoughToRun) {
  const Settings settings = plain_settings(2);
  EXPECT_NO_THROW(lowered(fit_layers(folded(), images(2), settings).graph, settings));
  EXPECT_NO_THROW(lowered(fit_layers(folded(), images(1), settings).graph, settings));
}

}  // namespace
}  // namespace neurocuda::conversion
