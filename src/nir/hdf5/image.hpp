#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "neurocuda/base/error.hpp"

namespace neurocuda::nir::hdf5 {

using Bytes = std::span<const std::uint8_t>;

inline constexpr std::int64_t kMaxElements = std::int64_t{1} << 28;  ///< of one dataset
inline constexpr std::int64_t kMaxBytes = std::int64_t{1} << 30;     ///< of a file, and of its content in memory
inline constexpr std::int64_t kMaxObjects = 100'000;                 ///< groups, datasets and index nodes visited
inline constexpr int kMaxDepth = 12;                                 ///< of nested groups
inline constexpr int kMaxRank = 6;

/// An address that points nowhere.
inline constexpr std::uint64_t kUndefined = ~std::uint64_t{0};

/// An HDF5 file in memory while it is read: every access is checked, and so is what reading it may still cost. A file
/// cannot make us allocate much more than deflate could have packed into it (about 1030 to 1), whatever extents it
/// declares, nor visit the same bytes for ever.
class Image {
 public:
  Image(Bytes bytes, std::string_view origin);

  /// `size` bytes from `address` on. `object` is the path of what they belong to, for the message.
  Bytes at(std::uint64_t address, std::uint64_t size, std::string_view object) const;
  std::uint64_t size() const { return bytes_.size(); }

  void take_object(std::string_view object);
  void take_memory(std::uint64_t bytes, std::string_view object);
  /// Bytes looked at or unpacked again, beyond those that stay in memory.
  void take_work(std::uint64_t bytes, std::string_view object);

  /// The file contradicts itself at `object`.
  template <class... Args>
  [[noreturn]] void damaged(std::string_view object, fmt::format_string<Args...> format, Args&&... args) const {
    fail("{}{}: {}; the file is damaged, get a fresh copy", origin_, behind_origin(object),
         fmt::format(format, std::forward<Args>(args)...));
  }
  /// HDF5 can do this, NIR files do not.
  template <class... Args>
  [[noreturn]] void unsupported(std::string_view object, fmt::format_string<Args...> format, Args&&... args) const {
    fail("{}{}: {}; save it with the nir package's defaults", origin_, behind_origin(object),
         fmt::format(format, std::forward<Args>(args)...));
  }
  const std::string& origin() const { return origin_; }

 private:
  /// The root is the file itself.
  static std::string behind_origin(std::string_view object) {
    return object.empty() || object == "/" ? "" : fmt::format(": {}", object);
  }

  Bytes bytes_;
  std::string origin_;
  std::int64_t objects_ = kMaxObjects;
  std::uint64_t memory_;
  std::uint64_t work_;
};

/// Reads little-endian numbers one after the other from a piece of an image; running over its end is damage.
class Cursor {
 public:
  Cursor(const Image& image, Bytes bytes, std::string_view object) : image_(&image), bytes_(bytes), object_(object) {}

  std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  std::uint64_t u64() { return number(8); }
  Bytes take(std::uint64_t count);
  void skip(std::uint64_t count) { take(count); }
  std::uint64_t left() const { return bytes_.size(); }
  /// The four letters that a structure starts with.
  void expect(std::string_view signature);

 private:
  std::uint64_t number(int count);

  const Image* image_;
  Bytes bytes_;
  std::string_view object_;
};

}  // namespace neurocuda::nir::hdf5
