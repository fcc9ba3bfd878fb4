#include <gtest/gtest.h>

#include <atomic>
#include <new>
#include <numeric>
#include <vector>

#include "runtime/cpu/run/team.hpp"

namespace neurocuda {
namespace {

using runtime::cpu::Team;

/// Members write to one place each and read those of all others behind a meeting, many times over.
TEST(CpuTeam, WhoMeetsSeesWhatTheOthersDid) {
  for (const int size : {1, 2, 5}) {
    Team team(size);
    EXPECT_EQ(team.size(), size);
    std::vector<int> rounds(static_cast<std::size_t>(size), 0);
    std::atomic<int> late{0};
    for (int run = 0; run < 20; ++run) {
      team.run([&](int member) {
        for (int i = 0; i < 20; ++i) {
          ++rounds[static_cast<std::size_t>(member)];
          team.meet();
          for (const int others : rounds) late += others != rounds.front();
          team.meet();
        }
      });
    }
    EXPECT_EQ(late, 0);
    EXPECT_EQ(rounds, std::vector<int>(static_cast<std::size_t>(size), 400));
  }
}

TEST(CpuTeam, EverythingIsDoneOnce) {
  Team team(3);
  std::vector<int> done(100, 0);
  for (int run = 0; run < 20; ++run) {
    team.run([&](int) {
      for (const int count : {100, 0, 1, 57}) {
        team.share(count, [&](std::int64_t i) { ++done[static_cast<std::size_t>(i)]; });
      }
    });
  }
  EXPECT_EQ(std::accumulate(done.begin(), done.end(), 0), 20 * 158);
  EXPECT_EQ(done.front(), 60);
  EXPECT_EQ(done.back(), 20);
}

/// Whoever throws: nobody waits for ever, the caller learns it, and the next run is as if nothing had been.
TEST(CpuTeam, WhatAMemberThrowsArrives) {
  for (const int size : {1, 2, 4}) {
    Team team(size);
    for (int thrower = 0; thrower < size; ++thrower) {
      const auto work = [&](int member) {
        for (int i = 0; i < 5; ++i) {
          if (i == 3 && member == thrower) throw std::bad_alloc();
          team.meet();
        }
      };
      EXPECT_THROW(team.run(work), std::bad_alloc);
      std::atomic<int> done{0};
      team.run([&](int) { team.share(10, [&](std::int64_t) { ++done; }); });
      EXPECT_EQ(done, 10);
    }
  }
}

}  // namespace
}  // namespace neurocuda
