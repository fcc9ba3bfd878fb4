#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "neurocuda/base/error.hpp"
#include "neurocuda/base/shape.hpp"
#include "nir/tree.hpp"

namespace neurocuda::nir::native {

/// Whole numbers between low and high, ends included.
struct Range {
  std::int64_t low = std::numeric_limits<std::int64_t>::min();
  std::int64_t high = std::numeric_limits<std::int64_t>::max();
};
inline constexpr Range kInt32{std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()};

/// Checked access to the leaves of one node (or of its metadata). Whatever is missing, has another type or shape, is
/// not finite or not whole, or lies outside its range becomes a UserError that names file, node, key and value. Holds
/// views only.
class Fields {
 public:
  Fields(std::string_view origin, std::string_view owner, const Tree& tree)
      : origin_(origin), owner_(owner), tree_(&tree) {}

  bool has(const char* key) const { return tree_->leaves.contains(key); }
  const Shape& shape(const char* key) const { return require(key).shape; }

  /// A number, or an array of one.
  std::int64_t integer(const char* key, Range range = {}) const;
  double real(const char* key) const;
  std::string text(const char* key) const;

  /// All values of an array of any shape, in row-major order.
  std::vector<std::int64_t> integers(const char* key, Range range = {}) const;
  std::vector<double> reals(const char* key) const;
  /// (height, width); a single number stands for both.
  Size2 size(const char* key, Range range) const;

  /// fail() with file, node and key in front.
  template <class... Args>
  [[noreturn]] void reject(const char* key, fmt::format_string<Args...> format, Args&&... args) const {
    fail("{}: {}: {} {}", origin_, owner_, key, fmt::format(format, std::forward<Args>(args)...));
  }

 private:
  const Array& require(const char* key) const;
  /// UserError when its values were not read, because the shape fits nothing.
  const Array& values(const char* key) const;

  std::string_view origin_;
  std::string_view owner_;
  const Tree* tree_;
};

}  // namespace neurocuda::nir::native
