#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "nir/hdf5/image.hpp"

namespace neurocuda::nir::hdf5 {

/// Where the variable-length text of a file lies.
class GlobalHeap {
 public:
  explicit GlobalHeap(Image& image) : image_(image) {}

  /// The first `length` bytes of object `index` of the collection at `address`, up to a zero byte.
  std::string text(std::uint64_t address, std::uint32_t index, std::uint32_t length, std::string_view object);

 private:
  using Collection = std::map<std::uint32_t, Bytes>;
  const Collection& collection(std::uint64_t address, std::string_view object);

  Image& image_;
  std::map<std::uint64_t, Collection> collections_;
};

}  // namespace neurocuda::nir::hdf5
