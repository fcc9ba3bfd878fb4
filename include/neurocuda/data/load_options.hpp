#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "neurocuda/base/shape.hpp"

namespace neurocuda::data {

/// How a data set is brought into the form in which a network takes it (docs/data.md).
struct LoadOptions {
  std::int64_t resize = 0;  ///< of the shorter side; 0: not at all
  Shape crop{};             ///< (height, width), cut out of the middle; empty: not at all
  /// One value, or one per channel; empty: the format's own. Of pixels / 255, or of floats as they are.
  std::vector<float> mean{}, stddev{};
  /// (C, H, W) of the network that takes the images, if there is one: images in files are brought to it.
  Shape expected{};
  /// Larger sets of image files stay files.
  std::int64_t most_decoded_bytes = std::int64_t{1} << 30;
};

/// The extents of a crop: "224", or "height x width" as "192x256". UserError that calls it by `name`.
Shape parse_crop(const std::string& text, const std::string& name);

}  // namespace neurocuda::data
