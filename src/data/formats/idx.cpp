#include <algorithm>

#include "data/files.hpp"
#include "data/formats.hpp"
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

/// Both spellings are in use: train-images-idx3-ubyte and train-images.idx3-ubyte.
fs::path idx_path(const fs::path& folder, const std::string& stem, const std::string& kind) {
  fs::path usual = folder / (stem + "-" + kind);
  fs::path dotted = folder / (stem + "." + kind);
  std::error_code ignored;
  if (fs::exists(usual, ignored)) return usual;
  if (fs::exists(dotted, ignored)) return dotted;
  if (fs::exists(usual.string() + ".gz", ignored)) {
    fail("{}: no such file, but it is there with .gz; unpack it with gunzip", usual.string());
  }
  fail("{}: no such file; give the folder of the four MNIST files", usual.string());
}

Dataset load_split(const fs::path& folder, Split split) {
  const std::string prefix = split == Split::train ? "train" : "t10k";
  const fs::path labels_path = idx_path(folder, prefix + "-labels", "idx1-ubyte");
  Dataset dataset = load_idx(idx_path(folder, prefix + "-images", "idx3-ubyte"), labels_path);
  const auto wrong = std::find_if(dataset.labels.begin(), dataset.labels.end(), [](auto label) { return label > 9; });
  if (wrong != dataset.labels.end()) {
    fail("{}: record {} has the label {}, expected 0..9; the file is damaged or not MNIST", labels_path.string(),
         wrong - dataset.labels.begin(), *wrong);
  }
  dataset.name = dataset_name(folder, "MNIST") + (split == Split::train ? " train" : " test");
  return dataset;
}

constexpr std::string_view kFiles[] = {
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
    "train-images.idx3-ubyte",
    "train-labels.idx1-ubyte",
    "t10k-images.idx3-ubyte",
    "t10k-labels.idx1-ubyte",
    // Recognised, so that loading can say that they have to be unpacked.
    "train-images-idx3-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
};

bool recognises(const fs::path& source) { return holds_any(source, kFiles); }

}  // namespace

extern const Format mnist_format;
constinit const Format mnist_format{
    "a folder of MNIST's idx files",
    "MNIST: train-images-idx3-ubyte, train-labels-idx1-ubyte and the same two with t10k",
    recognises,
    load_split,
};

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

}  // namespace neurocuda::data
