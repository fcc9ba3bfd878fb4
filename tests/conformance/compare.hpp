#pragma once

#include <gtest/gtest.h>

#include "neurocuda/base/error.hpp"
#include "neurocuda/runtime/executable.hpp"

namespace neurocuda::testing {

inline void expect_equal(const runtime::SpikeRecord& expected, const runtime::SpikeRecord& actual, bool membranes) {
  ASSERT_EQ(expected.layers.size(), actual.layers.size());
  for (std::size_t i = 0; i < expected.layers.size(); ++i) {
    const runtime::LayerRecord &want = expected.layers[i], &got = actual.layers[i];
    EXPECT_EQ(want.node, got.node);
    EXPECT_TRUE(want.spikes == got.spikes) << "spikes of node " << want.node;
    EXPECT_TRUE(membranes ? want == got : got.membranes.empty()) << "membranes of node " << want.node;
  }
}

/// Every spike, membrane, accumulator and count that `actual` was asked for is that of `expected`, which was asked for
/// no less; what it was not asked for cannot be read. The messages say what differs first.
inline void expect_equal(const runtime::RunResult& expected, const runtime::RunResult& actual) {
  const runtime::Wanted& wanted = actual.wanted();
  EXPECT_EQ(expected.accumulators(), actual.accumulators());
  if (wanted.by_timestep) {
    EXPECT_EQ(expected.accumulators_by_timestep(), actual.accumulators_by_timestep());
  } else {
    EXPECT_THROW(actual.accumulators_by_timestep(), UserError);
  }
  if (wanted.counts) {
    EXPECT_EQ(expected.activity().spikes, actual.activity().spikes);
    EXPECT_EQ(expected.activity().synaptic_operations, actual.activity().synaptic_operations);
  } else {
    EXPECT_THROW(actual.activity(), UserError);
  }
  if (wanted.recording != runtime::Recording::none) {
    expect_equal(expected.record(), actual.record(), wanted.recording == runtime::Recording::spikes_and_membranes);
  } else {
    EXPECT_THROW(actual.record(), UserError);
  }
}

/// Whatever is asked of a run, what it returns equals that of the run that was asked for everything.
inline void expect_every_wish(const runtime::Executable& executable, const program::EncodedInput& input,
                              const runtime::RunOptions& options) {
  runtime::RunOptions asked = options;
  asked.wanted = runtime::kEverything;
  const runtime::RunResult everything = executable.run(input, asked);
  using runtime::Recording;
  for (const bool by_timestep : {false, true}) {
    for (const bool counts : {false, true}) {
      for (const Recording recording : {Recording::none, Recording::spikes, Recording::spikes_and_membranes}) {
        asked.wanted = {by_timestep, counts, recording};
        SCOPED_TRACE(
            fmt::format("by_timestep {}, counts {}, recording {}", by_timestep, counts, static_cast<int>(recording)));
        const runtime::RunResult result = executable.run(input, asked);
        EXPECT_EQ(result.wanted(), asked.wanted);
        expect_equal(everything, result);
      }
    }
  }
}

}  // namespace neurocuda::testing
