#include <gtest/gtest.h>

#include <set>
#include <tuple>

#include "runtime/gpu/tiles.hpp"
#include "unit/runtime/gpu_layers.hpp"

namespace neurocuda {
namespace {

using namespace runtime::gpu;
using testing::stage;

constexpr int kHopper = 227 * 1024, kAmpere = 163 * 1024;

/// Every (image, position) stands in exactly one row of one tile.
void expect_covered(const Tiling& tiling, int images, int positions) {
  std::set<std::tuple<int, int>> seen;
  for (int tile = 0; tile < tile_count(tiling, images); ++tile) {
    for (int row = 0; row < tiling.rows; ++row) {
      const Row at = row_of(tiling, tile, row, images, positions);
      if (!at.valid) continue;
      EXPECT_TRUE(at.image >= 0 && at.image < images && at.position >= 0 && at.position < positions);
      EXPECT_TRUE(seen.emplace(at.image, at.position).second);
      EXPECT_GE(at.image, first_image(tiling, tile));
      EXPECT_LT(at.image, first_image(tiling, tile) + images_in(tiling, tile, images));
    }
  }
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(images) * static_cast<std::size_t>(positions));
}

TEST(Tiling, CoversEveryPositionOnce) {
  for (const int warps : {1, 2, 8}) {
    for (const int positions : {1, 7, 16, 31, 32, 33, 49, 200, 1024}) {
      for (const int images : {1, 2, 5, 40}) {
        SCOPED_TRACE(positions);
        expect_covered(make_tiling(warps, 64, positions, images), images, positions);
        expect_covered(make_tiling(warps, 64, positions, 512), images, positions);  // made for a larger batch
      }
    }
  }
}

TEST(Tiling, PatchesHoldEveryRowThatIsRead) {
  for (const DeviceWindow& window :
       {DeviceWindow{3, 3, 1, 1, 1, 1, 1, 1}, {1, 1, 2, 2, 0, 0, 1, 1}, {5, 5, 3, 3, 4, 4, 2, 2}}) {
    const int height = 23,
              target =
                  (height + 2 * window.padding_h - window.dilation_h * (window.kernel_h - 1) - 1) / window.stride_h + 1;
    const Tiling tiling = make_tiling(1, 64, target * target, 3);
    TensorCoreGroup group;
    group.height = height;
    group.window = window;
    for (int tile = 0; tile < tile_count(tiling, 3); ++tile) {
      const RowRange rows = group.patch_rows(tiling, tile, target, target * target);
      EXPECT_TRUE(rows.first >= 0 && rows.first + rows.count <= height);
      for (int row = 0; row < tiling.rows; ++row) {
        const Row at = row_of(tiling, tile, row, 3, target * target);
        for (int ky = 0; at.valid && ky < window.kernel_h; ++ky) {
          const int read = window.source_row(at.position / target, ky);
          if (read < 0 || read >= height) continue;
          EXPECT_TRUE(read >= rows.first && read < rows.first + rows.count);
        }
      }
    }
  }
}

/// A 3x3 convolution over sums of 3x3 spikes, every second row and column, with padding in both: every spike that a
/// reference summation reads is found, within the patch.
TEST(Tiling, PatchesHoldTheSpikesUnderAPool) {
  TensorCoreGroup group;
  group.height = group.width = 21;
  group.pooled = true;
  group.pool = {3, 3, 2, 2, 1, 1, 1, 1};
  group.sums_height = group.sums_width = 11;
  group.window = {3, 3, 1, 1, 1, 1, 1, 1};
  EXPECT_EQ(group.reads(), 81);
  const int width = 11, positions = width * width;
  const Tiling tiling = make_tiling(1, 64, positions, 3);
  ASSERT_GT(tiling.tiles_per_image, 1);
  for (int tile = 0; tile < tiling.tiles_per_image; ++tile) {
    const RowRange rows = group.patch_rows(tiling, tile, width, positions);
    EXPECT_TRUE(rows.first >= 0 && rows.first + rows.count <= group.height);
    EXPECT_LT(rows.count, group.height);
    for (int row = 0; row < tiling.rows; ++row) {
      const Row at = row_of(tiling, tile, row, 3, positions);
      for (int read = 0; at.valid && read < group.reads(); ++read) {
        const int ky = read / 9 / 3, kx = read / 9 % 3, py = read % 9 / 3, px = read % 9 % 3;
        const int sum_y = at.position / width + ky - 1, sum_x = at.position % width + kx - 1;
        const int y = 2 * sum_y + py - 1, x = 2 * sum_x + px - 1;
        const bool inside =
            sum_y >= 0 && sum_y < 11 && sum_x >= 0 && sum_x < 11 && y >= 0 && y < 21 && x >= 0 && x < 21;
        EXPECT_EQ(group.source_position(at.position / width, at.position % width, read), inside ? 21 * y + x : -1);
        EXPECT_TRUE(!inside || (y >= rows.first && y < rows.first + rows.count));
      }
    }
  }
}

TEST(Tiles, ResNet18KeepsItsWeightsInSharedMemory) {
  struct Case {
    int in, out, extent, stride, columns, warps;
  };
  for (const Case& at : std::vector<Case>{{64, 64, 32, 1, 64, 8},
                                          {64, 128, 32, 2, 64, 8},
                                          {128, 128, 16, 1, 64, 8},
                                          {256, 256, 8, 1, 64, 8},
                                          {256, 512, 8, 2, 64, 4},
                                          {512, 512, 4, 1, 32, 8}}) {
    SCOPED_TRACE(at.in);
    const TensorCoreLayer layer = stage(at.in, at.out, at.extent, at.stride);
    EXPECT_EQ(choose_columns(layer, 512, kHopper), at.columns);
    EXPECT_EQ(fitting_warps(layer, at.columns, 512, kHopper), at.warps);
    EXPECT_GT(choose_columns(layer, 512, kAmpere), 0);
  }
}

TEST(Tiles, NarrowLayersTakeNarrowBlocks) {
  EXPECT_EQ(choose_columns(stage(16, 16, 8, 1), 512, kHopper), 16);
  EXPECT_EQ(choose_columns(stage(16, 32, 8, 1), 512, kHopper), 32);
  EXPECT_EQ(choose_columns(stage(16, 33, 8, 1), 512, kHopper), 64);
}

TEST(Tiles, RefuseWhatDoesNotFit) {
  EXPECT_EQ(choose_columns(stage(1 << 14, 64, 8, 1), 512, kHopper), 0);
  TensorCoreLayer huge = stage(32, 32, 4096, 1);
  huge.groups[0].window = {4096, 4096, 1, 1, 0, 0, 1, 1};
  huge.positions = huge.width = 1;
  EXPECT_EQ(choose_columns(huge, 512, kHopper), 0);
}

TEST(Tiles, SmallBatchesAreCutFiner) {
  const TensorCoreLayer layer = stage(64, 64, 32, 1);
  EXPECT_EQ(cut(layer, 64, 512, kHopper, 132).tiling.warps, 8);
  EXPECT_EQ(cut(layer, 64, 1, kHopper, 132).tiling.warps, 1);
  const TensorCoreLayer few = cut(layer, 64, 20, kHopper, 132);
  EXPECT_EQ(few.tiling.warps, 4);
  EXPECT_GE(few.blocks(), 132);
}

TEST(SharedLayout, PartsFollowEachOtherAligned) {
  const TensorCoreLayer layer = tiled(stage(64, 64, 32, 1), make_tiling(8, 64, 1024, 512));
  const SharedLayout& at = layer.at;
  EXPECT_EQ(at.constants, 18 * 512);
  EXPECT_GE(at.table, at.constants + 3 * 64);
  EXPECT_GE(at.patches, at.table + 9 * 256 / 2);
  EXPECT_GE(at.buffer_words, 10 * 32 * 2);  // 8 rows of output read 10 of the source
  EXPECT_EQ(at.total, at.patches + 2 * at.buffer_words);
  for (const int part : {at.constants, at.table, at.patches, at.buffer_words, at.zero_words}) EXPECT_EQ(part % 4, 0);
}

}  // namespace
}  // namespace neurocuda
