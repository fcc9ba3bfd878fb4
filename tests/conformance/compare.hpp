#pragma once

#include <gtest/gtest.h>

#include "neurocuda/runtime/executable.hpp"

namespace neurocuda::testing {

/// Every spike, membrane, accumulator and count is equal. The messages say what differs first.
inline void expect_equal(const runtime::RunResult& expected, const runtime::RunResult& actual) {
  EXPECT_EQ(expected.accumulators, actual.accumulators);
  EXPECT_EQ(expected.activity.spikes, actual.activity.spikes);
  EXPECT_EQ(expected.activity.synaptic_operations, actual.activity.synaptic_operations);
  ASSERT_EQ(expected.record.has_value(), actual.record.has_value());
  if (!expected.record) return;
  ASSERT_EQ(expected.record->layers.size(), actual.record->layers.size());
  for (std::size_t i = 0; i < expected.record->layers.size(); ++i) {
    const runtime::LayerRecord &want = expected.record->layers[i], &got = actual.record->layers[i];
    EXPECT_EQ(want.node, got.node);
    EXPECT_TRUE(want.spikes == got.spikes) << "spikes of node " << want.node;
    EXPECT_TRUE(want.membranes == got.membranes) << "membranes of node " << want.node;
    EXPECT_TRUE(want == got) << "record of node " << want.node;
  }
}

}  // namespace neurocuda::testing
