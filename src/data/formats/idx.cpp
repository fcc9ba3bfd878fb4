#include "data/formats/idx.hpp"

#include <algorithm>

#include "neurocuda/base/error.hpp"
#include "neurocuda/base/file.hpp"
#include "neurocuda/data/parse.hpp"

namespace neurocuda::data {
namespace fs = std::filesystem;
namespace {

constexpr std::int64_t kMaxFileBytes = std::int64_t{1} << 30;
constexpr std::uint8_t kUnsignedByte = 0x08;

std::int64_t big_endian(std::span<const std::uint8_t> bytes) {
  std::int64_t value = 0;
  for (const std::uint8_t byte : bytes.first(4)) value = value << 8 | byte;
  return value;
}

/// Product of the extents, or -1 when one is zero or the product is above `limit`.
std::int64_t bounded_product(const Shape& shape, std::int64_t limit) {
  std::int64_t product = 1;
  for (const std::int64_t extent : shape) {
    if (extent == 0 || extent > limit / product) return -1;
    product *= extent;
  }
  return product;
}

}  // namespace

Idx parse_idx(std::span<const std::uint8_t> bytes, std::string_view file) {
  if (bytes.size() < 4 || bytes[0] != 0 || bytes[1] != 0 || bytes[2] != kUnsignedByte) {
    fail("{}: not an idx file of unsigned bytes (it must begin with 00 00 08); check that it is unpacked", file);
  }
  const std::size_t axes = bytes[3];
  if (axes < 1 || axes > 4)
    fail("{}: an idx file with {} axes, expected 1 to 4; check that it is the right file", file, axes);
  const std::size_t header = 4 + 4 * axes;
  if (bytes.size() < header) {
    fail("{}: truncated: {} bytes, expected at least {}; download it again", file, bytes.size(), header);
  }
  Idx idx;
  for (std::size_t axis = 0; axis < axes; ++axis) idx.shape.push_back(big_endian(bytes.subspan(4 + 4 * axis)));
  idx.values = bytes.subspan(header);
  const auto present = static_cast<std::int64_t>(idx.values.size());
  if (bounded_product(idx.shape, present) != present) {
    fail("{}: truncated, oversized or empty: {} bytes of values, expected the shape {}; download it again", file,
         present, to_string(idx.shape));
  }
  return idx;
}

Dataset load_idx(const fs::path& images, const fs::path& labels) {
  const auto image_bytes = read_file(images, kMaxFileBytes);
  const auto label_bytes = read_file(labels, kMaxFileBytes);
  const Idx pixels = parse_idx(image_bytes, images.string());
  const Idx classes = parse_idx(label_bytes, labels.string());
  if (pixels.shape.size() != 3) {
    fail("{}: has the shape {}, expected (images, height, width); give the images file", images.string(),
         to_string(pixels.shape));
  }
  if (classes.shape.size() != 1) {
    fail("{}: has the shape {}, expected (images,); give the labels file", labels.string(), to_string(classes.shape));
  }
  if (classes.shape[0] != pixels.shape[0]) {
    fail("{}: {} labels for the {} images of {}; give two files that belong together", labels.string(),
         classes.shape[0], pixels.shape[0], images.string());
  }
  Dataset dataset;
  dataset.name = images.filename().string();
  dataset.images = Tensor<std::uint8_t>({pixels.shape[0], 1, pixels.shape[1], pixels.shape[2]},
                                        std::vector<std::uint8_t>(pixels.values.begin(), pixels.values.end()));
  dataset.labels.assign(classes.values.begin(), classes.values.end());
  dataset.classes = std::max(10, 1 + *std::max_element(dataset.labels.begin(), dataset.labels.end()));
  dataset.mean = {0.1307F};
  dataset.stddev = {0.3081F};
  return dataset;
}

void transpose_images(Dataset& dataset) {
  const Shape shape = dataset.images.shape();
  const std::int64_t height = shape[2], width = shape[3], plane = height * width;
  Tensor<std::uint8_t> upright({shape[0], 1, width, height});
  for (std::int64_t i = 0; i < upright.size(); ++i) {
    const std::int64_t y = i % plane / height, x = i % height;
    upright[i] = dataset.images[i / plane * plane + x * width + y];
  }
  dataset.images = std::move(upright);
}

int idx_classes(const fs::path& labels) {
  std::error_code ignored;
  if (!fs::exists(labels, ignored)) return 0;
  const auto bytes = read_file(labels, kMaxFileBytes);
  const Idx classes = parse_idx(bytes, labels.string());
  return 1 + *std::ranges::max_element(classes.values);
}

}  // namespace neurocuda::data
