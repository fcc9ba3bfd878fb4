#include <gtest/gtest.h>

#include "neurocuda/runtime/spike_record.hpp"

namespace neurocuda {
namespace {

using runtime::LayerRecord;

TEST(LayerRecord, HoldsOneBitPerNeuron) {
  LayerRecord record(2, 3, 4, 65, false);
  EXPECT_EQ(record.words, 2);
  EXPECT_EQ(record.spikes.size(), 3 * 4 * 2U);
  EXPECT_TRUE(record.membranes.empty());
  EXPECT_EQ(record.count(), 0);
  record.row(2, 1)[1] = 1;
  record.row(0, 3)[0] = std::uint64_t{1} << 63;
  EXPECT_TRUE(record.spike(2, 1, 64));
  EXPECT_TRUE(record.spike(0, 3, 63));
  EXPECT_FALSE(record.spike(2, 1, 63));
  EXPECT_EQ(record.count(), 2);
}

TEST(LayerRecord, HoldsMembranesWhenAsked) {
  LayerRecord record(1, 2, 3, 5, true);
  EXPECT_EQ(record.membranes.size(), 2 * 3 * 5U);
  record.membrane_row(1, 2)[4] = -9;
  EXPECT_EQ(record.membranes.back(), -9);
}

TEST(LayerRecord, OfNoImagesIsEmpty) { EXPECT_EQ(LayerRecord(0, 0, 4, 5, true).count(), 0); }

}  // namespace
}  // namespace neurocuda
