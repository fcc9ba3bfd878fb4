#pragma once

#include "runtime/gpu/window.hpp"

/// How the output positions of a batch are cut into tiles of rows, one per block of threads.
namespace neurocuda::runtime::gpu {

/// A tile holds whole images, or a stretch of one image's positions.
struct Tiling {
  int warps = 1;                                 ///< per block; each has kWarpRows rows
  int columns = 8;                               ///< output channels per block
  int images_per_tile = 1, tiles_per_image = 1;  ///< one of them is 1
  int rows = 0;                                  ///< of the block: warps * kWarpRows
};

struct Row {
  int image = 0, position = 0;
  bool valid = false;  ///< rows beyond the last image or position compute nothing
};

NEUROCUDA_HD Row row_of(const Tiling& tiling, int tile, int row, int images, int positions) {
  if (tiling.tiles_per_image > 1) {
    const int position = tile % tiling.tiles_per_image * tiling.rows + row;
    return {tile / tiling.tiles_per_image, position, position < positions};
  }
  const int within = row / positions, image = tile * tiling.images_per_tile + within;
  return {image, row % positions, within < tiling.images_per_tile && image < images};
}

/// The first image of a tile, and how many of its images exist.
NEUROCUDA_HD int first_image(const Tiling& tiling, int tile) {
  return tiling.tiles_per_image > 1 ? tile / tiling.tiles_per_image : tile * tiling.images_per_tile;
}
NEUROCUDA_HD int images_in(const Tiling& tiling, int tile, int images) {
  const int left = images - first_image(tiling, tile);
  return left < tiling.images_per_tile ? left : tiling.images_per_tile;
}

/// Tiles that cover `images` images.
NEUROCUDA_HD int tile_count(const Tiling& tiling, int images) {
  return tiling.tiles_per_image > 1 ? images * tiling.tiles_per_image
                                    : (images + tiling.images_per_tile - 1) / tiling.images_per_tile;
}

/// The rows of an image (of positions / width rows) that a tile of part of it touches.
NEUROCUDA_HD RowRange target_rows(const Tiling& tiling, int tile, int width, int positions) {
  if (tiling.tiles_per_image == 1) return {0, positions / width};
  const int begin = tile % tiling.tiles_per_image * tiling.rows;
  const int end = begin + tiling.rows < positions ? begin + tiling.rows : positions;
  return {begin / width, (end - 1) / width - begin / width + 1};
}

}  // namespace neurocuda::runtime::gpu
