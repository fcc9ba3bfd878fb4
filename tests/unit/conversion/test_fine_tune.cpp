#include <gtest/gtest.h>
#include <torch/nn/utils/clip_grad.h>
#include <torch/optim/sgd.h>

#include <algorithm>
#include <cmath>

#include "conversion/fine_tuning/rebase_norms.hpp"
#include "conversion/fine_tuning/step_memory.hpp"
#include "conversion/fine_tuning/tuning_step.hpp"
#include "neurocuda/base/error.hpp"
#include "neurocuda/compiler/compiler.hpp"
#include "neurocuda/conversion/calibrate.hpp"
#include "neurocuda/conversion/fine_tune.hpp"
#include "neurocuda/ir/hash.hpp"
#include "neurocuda/metrics/evaluation.hpp"
#include "neurocuda/network/device.hpp"
#include "neurocuda/network/network.hpp"
#include "neurocuda/passes/passes.hpp"
#include "neurocuda/runtime/backends.hpp"
#include "percentile_digits.hpp"
#include "support/expect_error.hpp"
#include "support/stops_in.hpp"
#include "support/temporary_folder.hpp"

namespace neurocuda::conversion {
namespace {

/// A digits network at its percentile start, where two timesteps are far too few: there is something to win.
class FineTune : public ::testing::Test {
 protected:
  static Settings options(int epochs) {
    Settings settings = testing::digits_settings(1, 2);
    settings.tune = FineTuning::bptt;
    settings.tune_epochs = epochs;
    settings.tune_learning_rate = 0.02;
    settings.rate_matching = 0;
    settings.tune_distillation = 0.5;
    return settings;
  }
  static const ir::Graph& start() { return testing::percentile_digits(); }
  FineTuneResult run(const Settings& settings, const training::ResumeFile& state = {},
                     Progress& progress = silent_progress()) const {
    return fine_tune(passes::substitute_if(start()), start(), testing::trained_digits(), digits_.train, settings, state,
                     progress);
  }
  double test_accuracy(const ir::Graph& graph) const {
    compiler::LowerOptions lower;
    lower.timesteps = 2;
    const auto program = compiler::lower(passes::substitute_if(graph), lower).program;
    return metrics::evaluate(*runtime::compile(program, "cpu"), digits_.test).accuracy;
  }
  const data::Splits digits_ = data::load_digits();
};

TEST_F(FineTune, ThroughTimeWinsWhatFewTimestepsLost) {
  const FineTuneResult tuned = run(options(3));
  ASSERT_EQ(tuned.held_out_accuracy.size(), 4U);
  EXPECT_GT(tuned.chosen_epoch, 0);
  EXPECT_GT(test_accuracy(tuned.graph), test_accuracy(start()) + 0.02);
  const auto* before = passes::substitute_if(start()).node(tuned.graph.find("stem.relu")).as<ir::IF>();
  const auto* after = tuned.graph.node(tuned.graph.find("stem.relu")).as<ir::IF>();
  EXPECT_FALSE(std::equal(before->v0.data(), before->v0.data() + before->v0.size(), after->v0.data()));
}

TEST_F(FineTune, KeepsTheNetworkWhenTuningDoesNotHelp) {
  Settings o = options(1);
  o.tune_learning_rate = 1e-12;
  const FineTuneResult tuned = run(o);
  EXPECT_EQ(tuned.chosen_epoch, 0);
  EXPECT_EQ(test_accuracy(tuned.graph), test_accuracy(start()));
  o = options(3);
  o.tune = FineTuning::none;
  EXPECT_EQ(run(o).epochs.size(), 0U);
}

/// A calibrated network with its batch norms live.
const CalibrateResult& calibrated() {
  static const CalibrateResult result = [] {
    return calibrate(testing::trained_digits(), data::load_digits().train, testing::digits_settings(1, 2));
  }();
  return result;
}

TEST_F(FineTune, RebasedBatchNormsNormaliseSpikesAndChangeNothing) {
  const ir::Graph live = passes::substitute_if(calibrated().live);
  network::Network before(live, torch::kCPU), after(live, torch::kCPU);
  network::ForwardOptions forward;
  forward.timesteps = 3;
  rebase_norms(after, data::head(digits_.train, 200), forward);
  const torch::NoGradGuard no_grad;
  const auto pixels = data::normalized(digits_.train, 0, 200, digits_.train.mean, digits_.train.stddev);
  const auto images = network::to_device(pixels, torch::kCPU);
  const auto expected = before.forward(images, forward), actual = after.forward(images, forward);
  // A membrane that lies on its threshold may fall to either side.
  EXPECT_GT((actual - expected).abs().lt(1e-3).to(torch::kFloat32).mean().item<float>(), 0.98);

  // What training sees now, normalised by the batch, is what it is without training.
  network::ForwardOptions training = forward;
  training.training = true;
  const auto agreement = [&](network::Network& network) {
    return network.forward(images, training)
        .mean(0)
        .argmax(1)
        .eq(expected.mean(0).argmax(1))
        .to(torch::kFloat32)
        .mean();
  };
  network::Network untouched(live, torch::kCPU);
  const float rebased = agreement(after).item<float>();
  EXPECT_GT(rebased, 0.97);
  EXPECT_GE(rebased, agreement(untouched).item<float>());
}

TEST_F(FineTune, GoesOnFromLiveBatchNorms) {
  const FineTuneResult tuned = fine_tune(passes::substitute_if(calibrated().live), calibrated().live,
                                         testing::trained_digits(), digits_.train, options(3));
  ASSERT_EQ(tuned.held_out_accuracy.size(), 4U);
  EXPECT_GE(*std::max_element(tuned.held_out_accuracy.begin(), tuned.held_out_accuracy.end()),
            tuned.held_out_accuracy[0]);
  for (const ir::Node& node : tuned.graph.nodes()) EXPECT_EQ(node.as<ir::BatchNorm2d>(), nullptr) << node.name;
  EXPECT_GT(test_accuracy(tuned.graph), 0.8);
}

TEST_F(FineTune, MicroBatchesGiveTheGradientsOfTheWholeBatch) {
  const auto gradients = [&](std::int64_t part) {
    network::Network student(passes::substitute_if(start()), torch::kCPU), teacher(start(), torch::kCPU);
    student.set_requires_grad(true);
    const Settings o = options(1);
    TuningStep step(student, teacher, start(), o);
    torch::manual_seed(0);
    const auto images = torch::randn({12, 1, 8, 8}), labels = torch::arange(12) % 10;
    double loss = 0;
    for (std::int64_t i = 0; i < 12; i += part) {
      const double weight = static_cast<double>(part) / 12;
      loss += weight * step.run(images.slice(0, i, i + part), labels.slice(0, i, i + part), weight).loss;
    }
    return std::make_pair(loss, student.weights()[2].grad().clone());
  };
  const auto [whole_loss, whole] = gradients(12);
  const auto [split_loss, split] = gradients(4);
  EXPECT_NEAR(split_loss, whole_loss, 1e-4 * whole_loss);
  EXPECT_LT(((whole - split).norm() / whole.norm()).item<double>(), 1e-3);
}

TEST_F(FineTune, AnInterruptedRunResumesToTheSameNetwork) {
  const testing::TemporaryFolder folder;
  const Settings settings = options(3);
  const FineTuneResult whole = run(settings);
  const training::ResumeFile state{folder / "tune.pt", true};
  testing::StopsIn stop("fine-tune (bptt), T = 2, epoch 3");
  EXPECT_THROW(run(settings, state, stop), Interrupted);
  Settings other = settings;
  other.percentile = 99;  // its start would have been another
  testing::expect_error<UserError>([&] { run(other, state); }, {"tune.pt", "percentile", "99.9", "99"});
  other = settings;
  other.held_out = 0.2;  // images that it was trained on would choose
  testing::expect_error<UserError>([&] { run(other, state); }, {"tune.pt", "held_out"});
  const FineTuneResult resumed = run(settings, state);
  EXPECT_EQ(resumed.epochs.size(), 3U);
  EXPECT_EQ(resumed.held_out_accuracy, whole.held_out_accuracy);
  EXPECT_EQ(ir::hash_of(resumed.graph), ir::hash_of(whole.graph));
}

TEST_F(FineTune, ThePenaltyMakesItSparser) {
  Settings plain = options(2), sparse = plain;
  sparse.synop_weight = 30;
  const auto synops = [&](const Settings& o) {
    network::Network student(passes::substitute_if(start()), torch::kCPU), teacher(start(), torch::kCPU);
    student.set_requires_grad(true);
    TuningStep step(student, teacher, start(), o);
    torch::optim::SGD sgd(student.trainable(), torch::optim::SGDOptions(0.02));
    const auto pixels = data::normalized(digits_.train, 0, 64, digits_.train.mean, digits_.train.stddev);
    const auto images =
        torch::tensor(std::vector<float>(pixels.data(), pixels.data() + pixels.size())).view({64, 1, 8, 8});
    const auto labels = torch::tensor(
        std::vector<std::int64_t>(digits_.train.labels.begin(), digits_.train.labels.begin() + 64), torch::kInt64);
    for (int i = 0; i < 20; ++i) {
      sgd.zero_grad();
      step.run(images, labels, 1.0);
      torch::nn::utils::clip_grad_norm_(student.trainable(), 1.0);
      sgd.step();
    }
    compiler::LowerOptions lower;
    lower.timesteps = 2;
    const auto program = compiler::lower(student.to_graph(), lower).program;
    return metrics::evaluate(*runtime::compile(program, "cpu"), digits_.test).synops_per_image;
  };
  EXPECT_LT(synops(sparse), 0.9 * synops(plain));
}

TEST_F(FineTune, EpochsHaveAsManyImagesAsTheyAreTold) {
  const auto first_epoch = [&](std::int64_t images) {
    Settings settings = options(1);
    settings.tune_images = images;
    settings.tune_learning_rate = 1e-6;
    settings.crop_padding = 0;
    return run(settings).epochs[0];
  };
  // One batch of 64 has an accuracy that is a multiple of 1/64.
  const double accuracy = first_epoch(64).train_accuracy * 64;
  EXPECT_EQ(accuracy, std::round(accuracy));
  EXPECT_NE(first_epoch(64).loss, first_epoch(0).loss);
}

TEST_F(FineTune, SaysWhenNotEvenOneImageFits) {
  Settings settings = options(1);
  settings.memory_limit = 1000;
  EXPECT_THROW(run(settings), UserError);
}

TEST(StepMemory, SplitsABatchIntoEqualPartsThatFit) {
  EXPECT_EQ(micro_batch(128, 1000, 128'000), 128);
  EXPECT_EQ(micro_batch(128, 1000, 127'000), 64);
  EXPECT_EQ(micro_batch(128, 1000, 50'000), 43);
  EXPECT_EQ(micro_batch(128, 1000, 1'000), 1);
  EXPECT_THROW(micro_batch(128, 1000, 999), UserError);
  EXPECT_EQ(micro_batch(128, 1000, 0), 128);  // of this machine's memory
}

TEST(StepMemory, OneByteForEveryNeuronAndTimestep) {
  const ir::Graph graph = passes::substitute_if(
      passes::substitute_qcfs(passes::fold_batch_norm(testing::trained_digits()),
                              activation_percentiles(passes::fold_batch_norm(testing::trained_digits()),
                                                     data::load_digits().train, 99, 50, {"cpu", 1, false}),
                              4));
  const auto bytes = [&](int t) { return predicted_bytes_per_image(graph, t); };
  EXPECT_EQ(bytes(8), 2 * bytes(4));
  // 16 channels 8x8 three times, 32 channels 4x4 twice; in flight six float tensors of the largest.
  const std::int64_t neurons = 3 * 16 * 64 + 2 * 32 * 16;
  EXPECT_EQ(bytes(1), neurons + 6 * 4 * 16 * 64);
}

}  // namespace
}  // namespace neurocuda::conversion
