#include "neurocuda/training/loop.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>

#include "neurocuda/base/error.hpp"
#include "training/loop/checkpoint.hpp"
#include "training/loop/moving_average.hpp"
#include "training/loop/schedule.hpp"

namespace neurocuda::training {
namespace {

using Tensors = std::map<std::string, torch::Tensor>;

Tensors with_prefix(const std::string& prefix, const Tensors& tensors) {
  Tensors renamed;
  for (const auto& [name, tensor] : tensors) renamed[prefix + name] = tensor;
  return renamed;
}

Tensors copies(const Tensors& tensors) {
  Tensors copied;
  for (const auto& [name, tensor] : tensors) copied[name] = tensor.detach().clone();
  return copied;
}

/// Copies values[prefix + name] into the tensors of the same names.
void assign(const Tensors& targets, const Tensors& values, const std::string& prefix) {
  const torch::NoGradGuard no_grad;
  for (const auto& [name, target] : targets) {
    const auto found = values.find(prefix + name);
    if (found == values.end() || found->second.sizes() != target.sizes()) {
      throw UserError("checkpoint: '" + name + "' is missing or has another shape; delete the file, or start anew");
    }
    torch::Tensor(target).copy_(found->second);
  }
}

class Loop {
 public:
  Loop(network::Network& network, Sgd& sgd, TrainingBatches& source, const LoopOptions& options, Progress& progress)
      : network_(network), sgd_(sgd), source_(source), options_(options), progress_(progress) {
    if (options.average != 0) average_.emplace(network.named_tensors(), options.average);
  }

  LoopResult run(const StepFunction& step, const ScoreFunction& score) {
    if (!resume() && score) note_score(score);
    while (done_ < options_.epochs) {
      run_epoch(step);
      ++done_;
      if (score) note_score(score);
      if (!options_.state.path.empty()) save();
    }
    result_.best_epoch = score ? choose_epoch(result_.scores, options_.tied_images) : done_;
    if (score) {
      assign(network_.named_tensors(), result_.best_epoch == 0 ? start_ : best_, "");
    } else if (average_) {
      average_->swap();
    }
    return std::move(result_);
  }

 private:
  void run_epoch(const StepFunction& step) {
    const auto began = std::chrono::steady_clock::now();
    torch::manual_seed(options_.seed * 1'000'003 + static_cast<std::uint64_t>(done_));
    source_.start(done_);
    const std::int64_t batches = source_.batches();
    const auto warmup = static_cast<std::int64_t>(std::llround(options_.warmup_epochs * static_cast<double>(batches)));
    progress_.start(fmt::format("{}, epoch {}/{}", options_.task, done_ + 1, options_.epochs), batches);
    const std::string held_out =
        result_.scores.empty() ? "" : fmt::format(", held out {:.2f} % before", 100 * result_.scores.back().accuracy);
    double loss_sum = 0, factor = 0;
    std::int64_t seen = 0, correct = 0;
    DeviceBatch batch;
    for (std::int64_t i = 0; source_.next(batch); ++i) {
      factor = warmup_cosine(done_ * batches + i, warmup, options_.epochs * batches);
      sgd_.zero_grad();
      const StepResult result = step(batch.images, batch.labels);
      if (!std::isfinite(result.loss))
        fail("{}: the loss is {} in epoch {}; lower the learning rate", options_.task, result.loss, done_ + 1);
      sgd_.step(factor, options_.clip_norm);
      if (average_) average_->update(done_ * batches + i);
      const std::int64_t count = batch.labels.size(0);
      loss_sum += result.loss * static_cast<double>(count);
      seen += count;
      correct += result.logits.argmax(1).eq(batch.labels).sum().item<std::int64_t>();
      progress_.advance(1, fmt::format("loss {:.3f}, accuracy {:.2f} %{}", loss_sum / static_cast<double>(seen),
                                       100.0 * static_cast<double>(correct) / static_cast<double>(seen), held_out));
    }
    progress_.finish();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    const auto images = static_cast<double>(std::max<std::int64_t>(seen, 1));
    result_.epochs.push_back(
        {done_ + 1, loss_sum / images, static_cast<double>(correct) / images, sgd_.learning_rate(factor), seconds});
  }

  void note_score(const ScoreFunction& function) {
    const Averaged averaged(average_ ? &*average_ : nullptr);
    result_.scores.push_back(function());
    if (done_ == 0) {
      start_ = copies(network_.named_tensors());
    } else if (best_trained(result_.scores, options_.tied_images) == done_) {
      best_ = copies(network_.named_tensors());
    }
  }

  void save() {
    Checkpoint checkpoint{options_.identity, done_, {}, result_.epochs, result_.scores};
    for (const auto& part : {with_prefix("network.", network_.named_tensors()), with_prefix("sgd.", sgd_.state()),
                             with_prefix("start.", start_), with_prefix("best.", best_),
                             with_prefix("average.", average_ ? average_->averages() : Tensors{})}) {
      checkpoint.tensors.insert(part.begin(), part.end());
    }
    save_checkpoint(checkpoint, options_.state.path);
  }

  bool resume() {
    if (!options_.state.resume || options_.state.path.empty() || !std::filesystem::exists(options_.state.path))
      return false;
    const Checkpoint checkpoint = load_checkpoint(options_.state.path, options_.identity);
    assign(network_.named_tensors(), checkpoint.tensors, "network.");
    if (average_) assign(average_->averages(), checkpoint.tensors, "average.");
    Tensors momenta;
    for (const auto& [name, tensor] : checkpoint.tensors) {
      if (name.rfind("sgd.", 0) == 0) momenta[name.substr(4)] = tensor;
      if (name.rfind("start.", 0) == 0) start_[name.substr(6)] = tensor.to(network_.device());
      if (name.rfind("best.", 0) == 0) best_[name.substr(5)] = tensor.to(network_.device());
    }
    sgd_.load(momenta);
    done_ = checkpoint.epochs_done;
    result_.epochs = checkpoint.epochs;
    result_.scores = checkpoint.scores;
    return true;
  }

  network::Network& network_;
  Sgd& sgd_;
  TrainingBatches& source_;
  const LoopOptions& options_;
  Progress& progress_;
  LoopResult result_;
  std::optional<MovingAverage> average_;
  Tensors start_, best_;  // before training, and after the best epoch so far; empty without a score
  int done_ = 0;
};

}  // namespace

LoopResult run_epochs(network::Network& network, Sgd& sgd, TrainingBatches& batches, const LoopOptions& options,
                      const StepFunction& step, const ScoreFunction& score, Progress& progress) {
  return Loop(network, sgd, batches, options, progress).run(step, score);
}

}  // namespace neurocuda::training
