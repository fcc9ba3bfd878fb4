#include "data/images/image_files.hpp"

#include <algorithm>
#include <atomic>
#include <fstream>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include "data/images/geometry.hpp"
#include "neurocuda/base/error.hpp"
#include "neurocuda/base/file.hpp"
#include "neurocuda/base/threads.hpp"
#include "neurocuda/data/parse.hpp"

namespace neurocuda::data {
namespace fs = std::filesystem;
namespace {

using Files = std::vector<fs::path>;

constexpr std::int64_t kMostFileBytes = std::int64_t{1} << 28;
constexpr std::int64_t kMostPixels = std::int64_t{1} << 26;
/// What the header of nearly every image lies in.
constexpr std::size_t kHeaderBytes = 4096;

std::vector<std::uint8_t> beginning(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::vector<std::uint8_t> bytes(kHeaderBytes);
  stream.read(reinterpret_cast<char*>(bytes.data()), std::ssize(bytes));
  bytes.resize(static_cast<std::size_t>(stream.gcount()));
  return bytes;
}

/// What the beginning of a file says; nothing where that is not enough to tell.
std::optional<ImageSize> size_in(std::span<const std::uint8_t> beginning, const std::string& file) {
  try {
    return parse_image_size(beginning, file, kMostPixels);
  } catch (const UserError&) {
    return std::nullopt;
  }
}

/// From the header; a profile or a thumbnail may stand before it, so that all has to be read.
ImageSize stored_size(const fs::path& path) {
  const auto bytes = beginning(path);
  const auto size = bytes.size() == kHeaderBytes ? size_in(bytes, path.string()) : std::nullopt;
  return size ? *size : parse_image_size(read_file(path, kMostFileBytes), path.string(), kMostPixels);
}

class ImageFiles : public ImageSource {
 public:
  ImageFiles(Files files, Geometry geometry, Shape shape)
      : files_(std::move(files)), geometry_(std::move(geometry)), shape_(std::move(shape)) {}

  std::int64_t size() const override { return std::ssize(files_); }
  const Shape& image_shape() const override { return shape_; }

  void read(std::int64_t image, std::span<std::uint8_t> pixels) const override {
    const fs::path& path = files_.at(static_cast<std::size_t>(image));
    const std::string name = path.string();
    Picture picture = with_channels(parse_image(read_file(path, kMostFileBytes), name, kMostPixels), shape_[0]);
    const ImageSize stored = picture.size;
    picture = geometry_.applied(std::move(picture), name);
    if (picture.size.height != shape_[1] || picture.size.width != shape_[2]) {
      fail("{}: {}x{} pixels, but {} has {}x{}; give resize and crop to bring them all to one size", name,
           picture.size.height, picture.size.width, files_.front().string(), shape_[1], shape_[2]);
    }
    if (stored.height != shape_[1] || stored.width != shape_[2]) changed_ = true;
    std::ranges::copy(picture.pixels, pixels.begin());
  }

  void identify(std::int64_t image, Hash& hash) const override {
    const fs::path& path = files_.at(static_cast<std::size_t>(image));
    std::error_code ignored;
    hash.add(std::string_view(path.filename().native()));
    hash.add(static_cast<std::uint64_t>(fs::file_size(path, ignored)));
    hash.add(static_cast<std::int64_t>(fs::last_write_time(path, ignored).time_since_epoch().count()));
    hash.add_values(std::span(shape_));
  }

  /// Whether any image that was read had another size.
  bool changed() const { return changed_; }

 private:
  Files files_;
  Geometry geometry_;
  Shape shape_;
  mutable std::atomic<bool> changed_ = false;
};

/// Grey only when every file is, unless a network says what it takes. The first file in colour ends the search.
std::int64_t channels_of(const Files& files, const LoadOptions& options) {
  if (options.expected.size() == 3 && (options.expected[0] == 1 || options.expected[0] == 3))
    return options.expected[0];
  const auto in_color = [](const fs::path& path) { return stored_size(path).channels == 3; };
  return std::ranges::any_of(files, in_color) ? 3 : 1;
}

/// What a network that takes other colours than the images have makes of them; empty where nothing is changed.
std::string color_notice(const Dataset& dataset, const ImageSize& first, std::int64_t channels) {
  if (first.channels == channels) return "";
  return fmt::format("{}: images are taken {}, as the network takes them", dataset.name,
                     channels == 1 ? "in grey" : "in colour, grey ones too");
}

/// The size that all images get is that of the first; one that gets another is refused when it is read.
Shape common_shape(const ImageSize& first, const Geometry& geometry, std::int64_t channels, const fs::path& file) {
  const ImageSize size = geometry.size_of(first, file.string());
  return {channels, size.height, size.width};
}

Tensor<std::uint8_t> decoded(const ImageSource& source) {
  const Shape& image = source.image_shape();
  Tensor<std::uint8_t> images({source.size(), image[0], image[1], image[2]});
  const auto pixels = static_cast<std::size_t>(element_count(image));
  parallel_for(source.size(), 0, [&](std::int64_t i, int) {
    source.read(i, images.values().subspan(static_cast<std::size_t>(i) * pixels, pixels));
  });
  return images;
}

}  // namespace

void attach_files(Dataset& dataset, Files files, const LoadOptions& options) {
  const Geometry geometry(options);
  const ImageSize first = stored_size(files.front());
  const Shape shape = common_shape(first, geometry, channels_of(files, options), files.front());
  const std::int64_t bytes = std::ssize(files) * element_count(shape);
  const auto source = std::make_shared<ImageFiles>(std::move(files), geometry, shape);
  const bool small = bytes <= options.most_decoded_bytes;
  if (small) {
    dataset.images = decoded(*source);
  } else {
    dataset.source = source;
  }
  const std::string recolored = options.expected.empty() ? "" : color_notice(dataset, first, shape[0]);
  if (!recolored.empty()) dataset.notices.push_back(recolored);
  const std::string assumption = geometry.assumption();
  if (!assumption.empty() && (!small || source->changed()))
    dataset.notices.push_back(fmt::format("{}: the images are {}", dataset.name, assumption));
}

}  // namespace neurocuda::data
