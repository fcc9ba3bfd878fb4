#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "neurocuda/base/error.hpp"
#include "neurocuda/base/interrupt.hpp"
#include "neurocuda/base/log.hpp"
#include "neurocuda/base/progress.hpp"

namespace neurocuda {
namespace {

using ::testing::internal::CaptureStderr;
using ::testing::internal::CaptureStdout;
using ::testing::internal::GetCapturedStderr;
using ::testing::internal::GetCapturedStdout;

void work(Progress& progress) {
  progress.start("epoch 1", 100);
  for (int i = 0; i < 100; ++i) progress.advance(1, "loss 0.4");
  progress.finish();
}

TEST(Progress, SilentSaysNothing) {
  CaptureStderr();
  CaptureStdout();
  work(silent_progress());
  EXPECT_EQ(GetCapturedStderr() + GetCapturedStdout(), "");
}

TEST(Progress, ShortWorkOffATerminalSaysNothing) {
  CaptureStderr();  // stderr is a file from here on
  CaptureStdout();
  work(*terminal_progress());
  EXPECT_EQ(GetCapturedStderr() + GetCapturedStdout(), "");
}

TEST(Progress, LongWorkOffATerminalSaysWhatIsLeftEveryFewSeconds) {
  CaptureStderr();
  const auto progress = terminal_progress();
  progress->start("epoch 1", 100);
  progress->advance(10);
  std::this_thread::sleep_for(std::chrono::milliseconds(2050));
  progress->advance(15, "loss 0.4");
  progress->advance(25);  // at once: no line
  progress->finish();
  const std::string lines = GetCapturedStderr();
  EXPECT_NE(lines.find("epoch 1: 25 % (25/100), 2 s, 6 s left, loss 0.4\n"), std::string::npos) << lines;
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 1) << lines;
}

TEST(Progress, AnswersToAnInterrupt) {
  const auto terminal = terminal_progress();
  for (Progress* progress : {&silent_progress(), terminal.get()}) {
    progress->start("long work", 10);
    request_interrupt();
    EXPECT_THROW(progress->advance(1), Interrupted);
    clear_interrupt();
    EXPECT_NO_THROW(progress->advance(1));
    progress->finish();
  }
}

TEST(Log, GoesToStderr) {
  CaptureStdout();
  CaptureStderr();
  set_up_logging();
  spdlog::warn("three neurons are silent");
  spdlog::default_logger()->flush();
  EXPECT_NE(GetCapturedStderr().find("three neurons are silent"), std::string::npos);
  EXPECT_EQ(GetCapturedStdout(), "");
}

TEST(Log, LevelComesFromTheEnvironment) {
  ::setenv("NEUROCUDA_LOG", "error", 1);
  set_up_logging();
  EXPECT_FALSE(spdlog::should_log(spdlog::level::warn));
  ::unsetenv("NEUROCUDA_LOG");
  set_up_logging();
  EXPECT_TRUE(spdlog::should_log(spdlog::level::info));
}

}  // namespace
}  // namespace neurocuda
