#pragma once

#include <cstdint>
#include <span>

#include "neurocuda/base/hash.hpp"
#include "neurocuda/base/shape.hpp"

namespace neurocuda::data {

/// Images of one shape that are made when they are asked for: decoded from files, resized. Any thread may ask, and the
/// same image is always the same.
class ImageSource {
 public:
  ImageSource() = default;
  virtual ~ImageSource() = default;
  ImageSource(const ImageSource&) = delete;
  ImageSource& operator=(const ImageSource&) = delete;

  virtual std::int64_t size() const = 0;
  /// (C, H, W)
  virtual const Shape& image_shape() const = 0;
  /// Writes the pixels of one image, (C, H, W). UserError that names the file when it is damaged.
  virtual void read(std::int64_t image, std::span<std::uint8_t> pixels) const = 0;
  /// Adds what tells this image from others, without decoding it.
  virtual void identify(std::int64_t image, Hash& hash) const = 0;
};

}  // namespace neurocuda::data
