#include <gtest/gtest.h>

#include "neurocuda/base/error.hpp"
#include "neurocuda/training/loop.hpp"
#include "support/digits_run.hpp"
#include "support/temporary_folder.hpp"

namespace neurocuda::training {
namespace {

/// Epochs whose scores are given. What is "trained" is one tensor, filled with the number of the epoch.
class ScriptedEpochs : public ::testing::Test {
 protected:
  LoopResult run(const std::vector<Score>& scores, std::int64_t tied_images, int stop_in = -1) {
    Sgd sgd({{network_.weights(), 0.1, 0}}, 0);
    data::LoaderOptions loader;
    loader.batch_size = 32;
    const auto batches = host_batches(images_, loader, torch::kCPU);
    LoopOptions loop;
    loop.task = "scripted";
    loop.epochs = static_cast<int>(scores.size()) - 1;
    loop.tied_images = tied_images;
    loop.state = {folder_ / "resume.pt", true};
    const StepFunction step = [&](const torch::Tensor& images, const torch::Tensor&) {
      const int epoch = steps_++ / static_cast<int>(batches->batches());
      if (epoch == stop_in) {
        steps_ -= 1;
        throw Interrupted();
      }
      const torch::NoGradGuard no_grad;
      trained().fill_(epoch + 1);
      epoch_ = epoch + 1;
      return StepResult{0, torch::zeros({images.size(0), 10})};
    };
    const ScoreFunction score = [&] { return scores[static_cast<std::size_t>(epoch_)]; };
    return run_epochs(network_, sgd, *batches, loop, step, score, silent_progress());
  }

  torch::Tensor trained() { return network_.weights().front(); }
  /// Whose weights are left in the network.
  double kept() { return trained().flatten()[0].item<double>(); }

  const data::Dataset images_ = data::head(data::load_digits().train, 64);
  network::Network network_{testing::trained_digits(), torch::kCPU};
  const testing::TemporaryFolder folder_;
  int steps_ = 0, epoch_ = 0;
};

const std::vector<Score> kJumping = {{0.80, 1}, {0.90, 0.5}, {0.88, 0.4}, {0.86, 0.1}, {0.89, 0.45}};

TEST_F(ScriptedEpochs, LeaveTheMostAccurate) {
  EXPECT_EQ(run(kJumping, 0).best_epoch, 1);
  EXPECT_EQ(kept(), 1);
}

TEST_F(ScriptedEpochs, LeaveTheSurestOfThoseThatAreTied) {
  EXPECT_EQ(run(kJumping, 100).best_epoch, 2);
  EXPECT_EQ(kept(), 2);
}

TEST_F(ScriptedEpochs, LeaveTheSameAfterAnInterruption) {
  EXPECT_THROW(run(kJumping, 100, 3), Interrupted);
  EXPECT_EQ(run(kJumping, 100).best_epoch, 2);
  EXPECT_EQ(kept(), 2);
}

TEST_F(ScriptedEpochs, LeaveTheStartWhereNoneIsBetter) {
  const double start = kept();
  EXPECT_EQ(run({{0.95, 0.1}, {0.94, 0.2}, {0.93, 0.3}}, 100).best_epoch, 0);
  EXPECT_EQ(kept(), start);
}

}  // namespace
}  // namespace neurocuda::training
