#include "data/images/geometry.hpp"

#include "neurocuda/base/error.hpp"
#include "neurocuda/data/resize.hpp"

namespace neurocuda::data {
namespace {

constexpr std::int64_t kMostSide = 16384;

void check(std::int64_t side, const char* what) {
  if (side < 0 || side > kMostSide) fail("{} {}: give 1 to {} pixels", what, side, kMostSide);
}

}  // namespace

Geometry::Geometry(const LoadOptions& options) : resize_(options.resize), crop_(options.crop) {
  check(resize_, "resize");
  if (!crop_.empty() && crop_.size() != 2) fail("crop {}: give a height and a width", to_string(crop_));
  for (const std::int64_t side : crop_) {
    if (side == 0) fail("crop {}: give 1 to {} pixels", to_string(crop_), kMostSide);
    check(side, "crop");
  }
  if (options.expected.size() != 3) return;
  const Shape network{options.expected[1], options.expected[2]};
  if (resize_ == 0 && crop_.empty()) {
    cover_ = crop_ = network;
  } else if (crop_.empty()) {
    crop_ = network;
  }
}

ImageSize Geometry::scaled(const ImageSize& image) const {
  if (!cover_.empty()) return covering(image, {image.channels, cover_[0], cover_[1]});
  return resize_ > 0 ? with_shorter_side(image, resize_) : image;
}

ImageSize Geometry::size_of(const ImageSize& image, std::string_view file) const {
  const ImageSize size = scaled(image);
  if (size.height > kMostSide || size.width > kMostSide)
    fail("{}: {}x{} pixels would become {}x{}; take it out of the folder", file, image.height, image.width, size.height,
         size.width);
  if (crop_.empty()) return size;
  if (crop_[0] > size.height || crop_[1] > size.width) {
    fail("{}: {}x{} pixels are less than the crop of {}x{}; give resize, or a smaller crop", file, size.height,
         size.width, crop_[0], crop_[1]);
  }
  return {image.channels, crop_[0], crop_[1]};
}

Picture Geometry::applied(Picture picture, std::string_view file) const {
  const ImageSize last = size_of(picture.size, file), first = scaled(picture.size);
  if (first.height != picture.size.height || first.width != picture.size.width)
    picture = {first, resized(picture.pixels, picture.size, first)};
  if (last.height != first.height || last.width != first.width)
    picture = {last, center_cropped(picture.pixels, first, last)};
  return picture;
}

std::string Geometry::assumption() const {
  if (cover_.empty()) return "";
  return fmt::format("scaled and cropped to the {}x{} that the network takes, as no resize or crop was given",
                     cover_[0], cover_[1]);
}

Shape parse_crop(const std::string& text, const std::string& name) {
  Shape extents;
  std::size_t begin = 0;
  for (std::size_t end = 0; end != std::string::npos && extents.size() < 3; begin = end + 1) {
    end = text.find('x', begin);
    const std::string part = text.substr(begin, end == std::string::npos ? end : end - begin);
    const bool number = !part.empty() && part.size() <= 5 && part.find_first_not_of("0123456789") == std::string::npos;
    if (!number) fail("{} {}: give a side in pixels, or height x width as 192x256", name, text);
    extents.push_back(std::stoll(part));
  }
  if (extents.size() > 2) fail("{} {}: give a side in pixels, or height x width as 192x256", name, text);
  if (extents.size() == 1) extents.push_back(extents[0]);
  return extents;
}

}  // namespace neurocuda::data
