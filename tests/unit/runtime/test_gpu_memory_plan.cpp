#include <gtest/gtest.h>

#include "neurocuda/base/random.hpp"
#include "runtime/gpu/batch_size.hpp"
#include "runtime/gpu/memory_plan.hpp"
#include "support/random_program.hpp"

namespace neurocuda {
namespace {

using namespace runtime::gpu;

void expect_apart(const std::vector<Lifetime>& pieces, const MemoryPlan& plan) {
  for (std::size_t a = 0; a < pieces.size(); ++a) {
    EXPECT_EQ(plan.offsets[a] % kMemoryAlignment, 0);
    EXPECT_LE(plan.offsets[a] + pieces[a].bytes, plan.total);
    for (std::size_t b = 0; b < a; ++b) {
      if (pieces[a].first > pieces[b].last || pieces[b].first > pieces[a].last) continue;
      EXPECT_TRUE(plan.offsets[a] + pieces[a].bytes <= plan.offsets[b] ||
                  plan.offsets[b] + pieces[b].bytes <= plan.offsets[a]);
    }
  }
}

TEST(MemoryPlan, PiecesThatMeetAreApart) {
  Random random(3);
  for (int round = 0; round < 50; ++round) {
    std::vector<Lifetime> pieces;
    for (int i = 0; i < 20; ++i) {
      const int first = static_cast<int>(random.below(15));
      pieces.push_back({random.below(5000), first, first + static_cast<int>(random.below(5))});
    }
    expect_apart(pieces, plan_memory(pieces));
  }
}

TEST(MemoryPlan, AChainNeedsTwoPieces) {
  std::vector<Lifetime> chain;
  for (int i = 0; i < 10; ++i) chain.push_back({1024, i, i + 1});
  EXPECT_EQ(plan_memory(chain).total, 2048);
}

TEST(MemoryPlan, NothingNeedsNothing) { EXPECT_EQ(plan_memory({}).total, 0); }

class BatchSize : public ::testing::Test {
 protected:
  program::Program program_ = testing::random_program(4);
  NetworkPlan plan_ = plan_network(program_, {227 * 1024, 132}, KernelChoice::fastest);
  RunShape run_{16, program::Mode::synchronous, {}, 0};

  std::int64_t bytes(int images) {
    RunShape run = run_;
    run.images = images;
    return plan_buffers(program_, plan_, run).total;
  }
};

TEST_F(BatchSize, IsTheBatchWhereItFits) {
  EXPECT_EQ(images_per_pass(program_, plan_, run_, 100, bytes(100)), 100);
  EXPECT_EQ(images_per_pass(program_, plan_, run_, kMostImages, bytes(kMostImages)), kMostImages);
}

TEST_F(BatchSize, SplitsLargeBatchesEvenly) {
  EXPECT_EQ(images_per_pass(program_, plan_, run_, 1000, std::int64_t{1} << 40), 500);
  EXPECT_EQ(images_per_pass(program_, plan_, run_, 100, bytes(100) - 1), 25);  // two at once, each with half
}

TEST_F(BatchSize, RecordingTakesMemory) {
  RunShape recorded = run_;
  recorded.wanted.recording = runtime::Recording::spikes_and_membranes;
  recorded.images = 10;
  EXPECT_GT(plan_buffers(program_, plan_, recorded).total, bytes(10));
}

TEST_F(BatchSize, CountsTakeMemoryOnlyWhereTheyAreWanted) {
  RunShape run = run_;
  run.images = 2;
  const auto counters = [&] {
    int count = 0;
    for (const NodeBuffers& at : plan_buffers(program_, plan_, run).nodes) count += at.sums != NodeBuffers::kNoBuffer;
    return count;
  };
  EXPECT_EQ(counters(), 0);
  run.wanted.counts = true;
  EXPECT_GT(counters(), 0);
}

}  // namespace
}  // namespace neurocuda
