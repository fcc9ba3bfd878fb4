#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "neurocuda/base/shape.hpp"

namespace neurocuda::data {

/// An array of numpy, its values still as bytes.
struct NumpyArray {
  enum class Kind { unsigned_integer, signed_integer, floating };
  Kind kind = Kind::unsigned_integer;
  std::size_t value_bytes = 1;
  bool big_endian = false;
  Shape shape;
  std::vector<std::uint8_t> bytes;  ///< row-major

  bool is_bytes() const { return kind == Kind::unsigned_integer && value_bytes == 1; }
  std::int64_t size() const { return static_cast<std::int64_t>(bytes.size() / value_bytes); }
  /// Value i of an array of integers.
  std::int64_t integer(std::int64_t i) const;
  /// Value i of an array of floats.
  double floating(std::int64_t i) const;

 private:
  std::uint64_t bits(std::int64_t i) const;
};

/// What stands before the values of a .npy file (numpy.lib.format, versions 1 to 3): the array, without its values.
/// `text` is the dictionary. UserError on what is no array of plain numbers in C order.
NumpyArray parse_npy_header(std::string_view text, std::string_view file);

/// A .npz file: a zip archive of .npy files.
class NpzFile {
 public:
  explicit NpzFile(const std::filesystem::path& path);
  /// The bytes must outlive this.
  NpzFile(std::span<const std::uint8_t> bytes, std::string name);
  ~NpzFile();
  NpzFile(NpzFile&&) noexcept;
  NpzFile& operator=(NpzFile&&) = delete;

  const std::string& name() const { return name_; }
  /// Of all arrays, in the order of the file.
  std::vector<std::string> names() const;
  bool holds(const std::string& array) const;
  /// UserError when it is damaged or its values take more than most_bytes. No more is allocated than there is to read.
  NumpyArray read(const std::string& array, std::int64_t most_bytes) const;

 private:
  struct Archive;
  std::unique_ptr<Archive> archive_;
  std::string name_;
};

}  // namespace neurocuda::data
