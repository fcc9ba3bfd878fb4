#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "runtime/run_images.hpp"

namespace neurocuda::runtime::cpu {

/// One Run (ImageRun, CountRun) per worker, made by the worker: its memory is near its core. Where there are fewer
/// images than threads, several threads share an image.
template <class Run>
class Workers {
 public:
  /// A Run with the memory for a task, and so many threads.
  using Make = std::function<std::unique_ptr<Run>(const ImageTask& task, int team)>;
  Workers(int threads, Make make) : threads_(threads), make_(std::move(make)) {}

  int threads() const { return threads_; }
  /// Before the images of a run.
  void prepare(int workers) {
    const int team = workers > 0 ? threads_ / workers : 1;
    if (team != team_) runs_.clear();
    team_ = team;
    runs_.resize(static_cast<std::size_t>(workers));
  }
  void run(const ImageTask& task, int worker) {
    auto& run = runs_[static_cast<std::size_t>(worker)];
    if (!run || !run->fits(task)) run = make_(task, team_);
    run->run(task);
  }

 private:
  int threads_, team_ = 1;
  Make make_;
  std::vector<std::unique_ptr<Run>> runs_;
};

/// The Workers of an executable's last run, for the next: to get their memory and threads anew takes as long as a small
/// image. Runs at the same time make more.
template <class Run>
class SpareWorkers {
 public:
  /// For one run, with so many threads; they come back when the result is destroyed, before this.
  auto take(int threads, const typename Workers<Run>::Make& make) {
    const auto give_back = [this](Workers<Run>* workers) {
      std::unique_ptr<Workers<Run>> used(workers);
      if (std::uncaught_exceptions() > 0) return;  // in the middle of an image
      const std::scoped_lock lock(mutex_);
      spare_ = std::move(used);
    };
    const std::scoped_lock lock(mutex_);
    if (!spare_ || spare_->threads() != threads) spare_ = std::make_unique<Workers<Run>>(threads, make);
    return std::unique_ptr<Workers<Run>, decltype(give_back)>(spare_.release(), give_back);
  }

 private:
  std::mutex mutex_;
  std::unique_ptr<Workers<Run>> spare_;
};

}  // namespace neurocuda::runtime::cpu
