#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

#include "neurocuda/base/error.hpp"
#include "neurocuda/base/interrupt.hpp"
#include "neurocuda/base/threads.hpp"

namespace neurocuda {
namespace {

TEST(Threads, ResolvesZeroToAll) {
  EXPECT_GE(hardware_threads(), 1);
  EXPECT_EQ(resolve_threads(0), hardware_threads());
  EXPECT_EQ(resolve_threads(-3), hardware_threads());
  EXPECT_EQ(resolve_threads(1), 1);
}

TEST(Threads, MoreThanThereAreIsCut) {
  EXPECT_EQ(resolve_threads(hardware_threads() + 1), hardware_threads());
  EXPECT_EQ(resolve_threads(1000000), hardware_threads());
}

TEST(ParallelFor, VisitsEveryIndexOnce) {
  for (const int threads : {1, 2, 7}) {
    std::vector<std::atomic<int>> visits(1000);
    parallel_for(1000, threads, [&](std::int64_t i, int) { ++visits[i]; });
    for (const auto& count : visits) ASSERT_EQ(count, 1);
  }
}

TEST(ParallelFor, WorkersStayInRange) {
  std::mutex mutex;
  std::set<int> workers;
  parallel_for(64, 3, [&](std::int64_t, int worker) {
    const std::lock_guard lock(mutex);
    workers.insert(worker);
  });
  EXPECT_GE(*workers.begin(), 0);
  EXPECT_LT(*workers.rbegin(), 3);
}

TEST(ParallelFor, UsesSeveralThreads) {
  // Each index waits for the other: only two threads at once can finish.
  std::atomic<int> arrived{0};
  parallel_for(2, 2, [&](std::int64_t, int) {
    ++arrived;
    while (arrived < 2) std::this_thread::yield();
  });
  EXPECT_EQ(arrived, 2);
}

TEST(ParallelFor, OneThreadIsTheCaller) {
  std::vector<std::int64_t> order;
  parallel_for(4, 1, [&](std::int64_t i, int worker) {
    EXPECT_EQ(worker, 0);
    order.push_back(i);
  });
  EXPECT_EQ(order, (std::vector<std::int64_t>{0, 1, 2, 3}));
}

TEST(ParallelFor, NothingToDo) {
  parallel_for(0, 4, [](std::int64_t, int) { FAIL(); });
}

TEST(ParallelFor, RethrowsAndStops) {
  for (const int threads : {1, 4}) {
    std::atomic<std::int64_t> done{0};
    const auto body = [&](std::int64_t i, int) {
      if (i == 3) throw UserError("index 3");
      ++done;
    };
    try {
      parallel_for(1'000'000'000, threads, body);
      ADD_FAILURE() << "nothing was thrown";
    } catch (const UserError& error) {
      EXPECT_STREQ(error.what(), "index 3");
    }
    EXPECT_LT(done, 1'000'000'000);
  }
}

TEST(ParallelFor, EveryWorkerMayThrow) {
  const auto body = [](std::int64_t, int) { throw std::runtime_error("each"); };
  EXPECT_THROW(parallel_for(100, 4, body), std::runtime_error);
}

TEST(ParallelFor, StopsOnAnInterrupt) {
  std::atomic<std::int64_t> done{0};
  const auto body = [&](std::int64_t i, int) {
    if (i == 10) request_interrupt();
    ++done;
  };
  EXPECT_THROW(parallel_for(1'000'000'000, 2, body), Interrupted);
  EXPECT_TRUE(interrupt_requested());
  EXPECT_THROW(throw_if_interrupted(), Interrupted);
  clear_interrupt();
  EXPECT_FALSE(interrupt_requested());
  EXPECT_NO_THROW(throw_if_interrupted());
  EXPECT_LT(done, 1'000'000'000);
}

}  // namespace
}  // namespace neurocuda
