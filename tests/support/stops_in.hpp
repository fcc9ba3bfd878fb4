#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "neurocuda/base/error.hpp"
#include "neurocuda/base/progress.hpp"

namespace neurocuda::testing {

/// Stops in the middle of the first task whose name begins so ("train, epoch 3"), as SIGINT does.
class StopsIn : public Progress {
 public:
  explicit StopsIn(std::string task) : task_(std::move(task)) {}
  void start(std::string_view task, std::int64_t) override { reached_ = task.starts_with(task_); }
  void advance(std::int64_t, std::string_view) override {
    if (reached_) throw Interrupted();
  }
  void finish() override { reached_ = false; }

 private:
  std::string task_;
  bool reached_ = false;
};

}  // namespace neurocuda::testing
