#include <gtest/gtest.h>

#include <algorithm>

#include "conversion/network/device.hpp"
#include "conversion/network/network.hpp"
#include "conversion/tuning/rebase_norms.hpp"
#include "conversion/tuning/step_memory.hpp"
#include "conversion/tuning/tuning_step.hpp"
#include "neurocuda/base/error.hpp"
#include "neurocuda/conversion/calibrate.hpp"
#include "neurocuda/conversion/finetune.hpp"
#include "neurocuda/metrics/evaluation.hpp"
#include "neurocuda/passes/passes.hpp"
#include "neurocuda/runtime/backends.hpp"
#include "percentile_digits.hpp"
#include "support/temporary_folder.hpp"

namespace neurocuda::conversion {
namespace {

/// A digits network at its percentile start, where two timesteps are far too few: there is something to win.
class Finetune : public ::testing::Test {
 protected:
  static FinetuneOptions options(Gradient gradient, int epochs) {
    FinetuneOptions o;
    o.gradient = gradient;
    o.epochs = epochs;
    o.lower.timesteps = 2;
    o.batch_size = 64;
    o.learning_rate = 0.02;
    o.augmentation = {1, false, 0};
    o.compute.threads = 1;
    return o;
  }
  static const ir::Graph& start() { return testing::percentile_digits(); }
  FinetuneResult run(const FinetuneOptions& o) const {
    return finetune(start(), testing::trained_digits(), digits_.train, o);
  }
  double test_accuracy(const ir::Graph& graph) const {
    compiler::LowerOptions lower;
    lower.timesteps = 2;
    const auto program = compiler::lower(passes::substitute_if(graph), lower).program;
    return metrics::evaluate(*runtime::compile(program, "cpu"), digits_.test).accuracy;
  }
  const data::Splits digits_ = data::load_digits();
};

TEST_F(Finetune, ThroughTimeWinsWhatFewTimestepsLost) {
  const FinetuneResult tuned = run(options(Gradient::through_time, 3));
  ASSERT_EQ(tuned.held_out_accuracy.size(), 4U);
  EXPECT_GT(tuned.chosen_epoch, 0);
  EXPECT_GT(test_accuracy(tuned.graph), test_accuracy(start()) + 0.02);
  const auto* before = passes::substitute_if(start()).node(tuned.graph.find("stem.relu")).as<ir::IF>();
  const auto* after = tuned.graph.node(tuned.graph.find("stem.relu")).as<ir::IF>();
  EXPECT_FALSE(std::equal(before->v0.data(), before->v0.data() + before->v0.size(), after->v0.data()));
}

TEST_F(Finetune, RateGradientWinsToo) {
  const FinetuneResult tuned = run(options(Gradient::rate, 3));
  EXPECT_GT(tuned.chosen_epoch, 0);
  EXPECT_GT(test_accuracy(tuned.graph), test_accuracy(start()) + 0.02);
}

TEST_F(Finetune, KeepsTheNetworkWhenTuningDoesNotHelp) {
  FinetuneOptions o = options(Gradient::through_time, 1);
  o.learning_rate = 1e-12;
  const FinetuneResult tuned = run(o);
  EXPECT_EQ(tuned.chosen_epoch, 0);
  EXPECT_EQ(test_accuracy(tuned.graph), test_accuracy(start()));
  EXPECT_EQ(run(options(Gradient::none, 3)).epochs.size(), 0U);
}

/// A calibrated network with its batch norms live.
const CalibrateResult& calibrated() {
  static const CalibrateResult result = [] {
    CalibrateOptions o;
    o.epochs = 1;
    o.levels = 4;
    o.timesteps = 2;
    o.batch_size = 64;
    o.augmentation = {1, false, 0};
    o.compute.threads = 1;
    return calibrate(testing::trained_digits(), data::load_digits().train, o);
  }();
  return result;
}

TEST_F(Finetune, RebasedBatchNormsNormaliseSpikesAndChangeNothing) {
  const ir::Graph live = passes::substitute_if(calibrated().live);
  Network before(live, torch::kCPU), after(live, torch::kCPU);
  ForwardOptions forward;
  forward.timesteps = 3;
  rebase_norms(after, data::head(digits_.train, 200), forward);
  const torch::NoGradGuard no_grad;
  const auto pixels = data::normalized(digits_.train, 0, 200, digits_.train.mean, digits_.train.stddev);
  const auto images = to_device(pixels, torch::kCPU);
  const auto expected = before.forward(images, forward), actual = after.forward(images, forward);
  // A membrane that lies on its threshold may fall to either side.
  EXPECT_GT((actual - expected).abs().lt(1e-3).to(torch::kFloat32).mean().item<float>(), 0.98);

  // What training sees now, normalised by the batch, is what it is without training.
  ForwardOptions training = forward;
  training.training = true;
  const auto agreement = [&](Network& network) {
    return network.forward(images, training)
        .mean(0)
        .argmax(1)
        .eq(expected.mean(0).argmax(1))
        .to(torch::kFloat32)
        .mean();
  };
  Network untouched(live, torch::kCPU);
  const float rebased = agreement(after).item<float>();
  EXPECT_GT(rebased, 0.97);
  EXPECT_GE(rebased, agreement(untouched).item<float>());
}

TEST_F(Finetune, GoesOnFromLiveBatchNorms) {
  for (const Gradient gradient : {Gradient::through_time, Gradient::rate}) {
    FinetuneOptions o = options(gradient, 3);
    o.per_timestep = 0.5;
    const FinetuneResult tuned = finetune(calibrated().live, testing::trained_digits(), digits_.train, o);
    ASSERT_EQ(tuned.held_out_accuracy.size(), 4U);
    EXPECT_GE(*std::max_element(tuned.held_out_accuracy.begin(), tuned.held_out_accuracy.end()),
              tuned.held_out_accuracy[0]);
    for (const ir::Node& node : tuned.graph.nodes()) EXPECT_EQ(node.as<ir::BatchNorm2d>(), nullptr) << node.name;
    EXPECT_GT(test_accuracy(tuned.graph), 0.8);
  }
}

TEST_F(Finetune, MicroBatchesGiveTheGradientsOfTheWholeBatch) {
  const auto gradients = [&](std::int64_t part) {
    Network student(passes::substitute_if(start()), torch::kCPU), teacher(start(), torch::kCPU);
    student.set_requires_grad(true);
    const FinetuneOptions o = options(Gradient::through_time, 1);
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

TEST_F(Finetune, FrozenWeightsStayAndTheRestLearns) {
  const ir::Graph& live = calibrated().live;
  FinetuneOptions o = options(Gradient::through_time, 1);
  o.freeze_weights = true;
  o.rate_matching = 10;
  Network student(passes::substitute_if(live), torch::kCPU), teacher(start(), torch::kCPU);
  student.set_requires_grad(true);
  student.freeze_weights();
  for (const auto& weight : student.weights()) EXPECT_FALSE(weight.requires_grad());
  TuningStep step(student, teacher, live, o);
  torch::manual_seed(0);
  step.run(torch::randn({12, 1, 8, 8}), torch::arange(12) % 10, 1.0);
  for (const auto& weight : student.weights()) EXPECT_FALSE(weight.grad().defined());
  for (const auto& parameter : student.biases_and_norms()) EXPECT_TRUE(parameter.grad().defined());
  for (const auto& v0 : student.initial_membranes()) EXPECT_TRUE(v0.grad().defined());
  const auto tuned = finetune(live, testing::trained_digits(), digits_.train, o);
  o.freeze_weights = false;
  EXPECT_NE(tuned.epochs[0].loss, finetune(live, testing::trained_digits(), digits_.train, o).epochs[0].loss);
}

TEST_F(Finetune, AResumedRunIsTheUninterruptedOne) {
  const testing::TemporaryFolder folder;
  FinetuneOptions o = options(Gradient::through_time, 2);
  const FinetuneResult whole = run(o);
  o.checkpoint = folder.path() / "tune.pt";
  run(o);  // leaves the checkpoint of a finished run: resuming has nothing left to do but to restore
  o.resume = true;
  const FinetuneResult resumed = run(o);
  EXPECT_EQ(resumed.held_out_accuracy, whole.held_out_accuracy);
  const auto &a = *whole.graph.node(whole.graph.find("fc")).as<ir::Linear>(),
             &b = *resumed.graph.node(resumed.graph.find("fc")).as<ir::Linear>();
  EXPECT_TRUE(std::equal(a.weight.data(), a.weight.data() + a.weight.size(), b.weight.data()));
  o.held_out = 0.2;
  EXPECT_THROW(run(o), UserError) << "images that it was trained on would choose";
}

TEST_F(Finetune, ThePenaltyMakesItSparser) {
  FinetuneOptions plain = options(Gradient::through_time, 2), sparse = plain;
  sparse.synop_weight = 30;
  const auto synops = [&](const FinetuneOptions& o) {
    Network student(passes::substitute_if(start()), torch::kCPU), teacher(start(), torch::kCPU);
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

TEST_F(Finetune, RefusesBadOptions) {
  EXPECT_THROW(run(options(Gradient::through_time, -1)), UserError);
  FinetuneOptions o = options(Gradient::through_time, 1);
  o.memory_limit = 1000;
  EXPECT_THROW(run(o), UserError);
  EXPECT_THROW(gradient_named("bptp"), UserError);
  EXPECT_EQ(gradient_named("bptt"), Gradient::through_time);
}

TEST(DefaultGradient, IsThroughTimeWhereItPays) {
  for (const int timesteps : {1, 4, 16}) EXPECT_EQ(default_gradient(timesteps), Gradient::through_time);
  EXPECT_EQ(default_gradient(17), Gradient::none);
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
  const auto bytes = [&](int t) { return predicted_bytes_per_image(graph, Gradient::through_time, t); };
  EXPECT_EQ(bytes(8), 2 * bytes(4));
  // 16 channels 8x8 three times, 32 channels 4x4 twice; in flight six float tensors of the largest.
  const std::int64_t neurons = 3 * 16 * 64 + 2 * 32 * 16;
  EXPECT_EQ(bytes(1), neurons + 6 * 4 * 16 * 64);
}

}  // namespace
}  // namespace neurocuda::conversion
