#include "neurocuda/base/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "neurocuda/base/interrupt.hpp"
#include "neurocuda/base/text.hpp"

namespace neurocuda {
namespace {

class SilentProgress final : public Progress {
 public:
  void start(std::string_view, std::int64_t) override {}
  void advance(std::int64_t, std::string_view) override { throw_if_interrupted(); }
  void finish() override {}
};

using Clock = std::chrono::steady_clock;

/// Whether it arrives or not: work does not end because nobody can watch it.
template <class... Args>
void show(fmt::format_string<Args...> format, Args&&... args) {
  std::fputs(fmt::format(format, std::forward<Args>(args)...).c_str(), stderr);
}

class TerminalProgress final : public Progress {
 public:
  TerminalProgress() : interactive_(isatty(fileno(stderr)) != 0) {}

  void start(std::string_view task, std::int64_t total) override {
    task_ = printable(task);
    total_ = std::max<std::int64_t>(total, 1);
    done_ = 0;
    written_ = false;
    began_ = last_drawn_ = Clock::now();
  }

  void advance(std::int64_t steps, std::string_view note) override {
    throw_if_interrupted();
    done_ = std::min(done_ + steps, total_);
    note_ = printable(note);
    const auto now = Clock::now();
    if (interactive_) {
      if (now - last_drawn_ < kRedraw && done_ < total_) return;
      last_drawn_ = now;
      draw_bar();
    } else if (now - last_drawn_ >= (written_ ? kBetweenLines : kFirstLine)) {
      last_drawn_ = now;
      written_ = true;
      show("{}: {} % ({}/{}), {:.0f} s, {:.0f} s left{}{}\n", task_, done_ * 100 / total_, done_, total_, seconds(),
           seconds_left(), note_.empty() ? "" : ", ", note_);
    }
  }

  void finish() override {
    if (interactive_) show("\r\033[K");
  }

 private:
  // Short tasks leave no line in a log; long ones show that they live.
  static constexpr std::chrono::milliseconds kRedraw{100}, kFirstLine{2000}, kBetweenLines{5000};

  double seconds() const { return std::chrono::duration<double>(Clock::now() - began_).count(); }

  double seconds_left() const {
    return done_ > 0 ? seconds() / static_cast<double>(done_) * static_cast<double>(total_ - done_) : 0;
  }

  void draw_bar() {
    constexpr int kWidth = 30;
    const int filled = static_cast<int>(done_ * kWidth / total_);
    show("\r\033[K{} [{}{}] {}/{}  {:.0f} s left  {}", task_, std::string(filled, '#'),
         std::string(kWidth - filled, '.'), done_, total_, seconds_left(), note_);
    std::fflush(stderr);
  }

  bool interactive_;
  std::string task_, note_;
  std::int64_t total_ = 1, done_ = 0;
  bool written_ = false;  ///< a line of this task
  Clock::time_point began_, last_drawn_;
};

}  // namespace

Progress& silent_progress() {
  static SilentProgress progress;
  return progress;
}

std::unique_ptr<Progress> terminal_progress() { return std::make_unique<TerminalProgress>(); }

}  // namespace neurocuda
