#pragma once

#include <string>

#include "neurocuda/data/load_options.hpp"
#include "neurocuda/data/picture.hpp"

namespace neurocuda::data {

/// How images of any size get the one in which the network takes them.
class Geometry {
 public:
  explicit Geometry(const LoadOptions& options);

  /// Whether the options ask for nothing: images stay as they are.
  bool idle() const { return resize_ == 0 && crop_.empty() && cover_.empty(); }
  /// The size that an image gets. UserError, naming the file, when a crop is larger than the image.
  ImageSize size_of(const ImageSize& image, std::string_view file) const;
  /// The image itself.
  Picture applied(Picture picture, std::string_view file) const;
  /// What is done because nobody said what to do; empty when the options say it.
  std::string assumption() const;

 private:
  ImageSize scaled(const ImageSize& image) const;

  std::int64_t resize_;
  Shape crop_, cover_;  ///< (height, width); cover_: of the network, where neither resize nor crop is given
};

}  // namespace neurocuda::data
