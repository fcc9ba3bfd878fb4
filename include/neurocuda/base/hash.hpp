#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

namespace neurocuda {

/// FNV-1a over 64 bits (Fowler, Noll and Vo): tells contents apart that differ by accident, not by intent.
class Hash {
 public:
  void add_bytes(const void* data, std::size_t bytes) {
    const auto* byte = static_cast<const unsigned char*>(data);
    for (std::size_t i = 0; i < bytes; ++i) value_ = (value_ ^ byte[i]) * 0x100000001b3ULL;
  }
  template <class T>
  void add(const T& value) {
    static_assert(std::is_arithmetic_v<T> || std::is_enum_v<T>);
    add_bytes(&value, sizeof value);
  }
  void add(std::string_view text) {
    add(text.size());
    add_bytes(text.data(), text.size());
  }
  /// The number of values, then each: one list's end is not another's beginning.
  template <class T>
  void add_values(std::span<T> values) {
    add(values.size());
    add_bytes(values.data(), values.size_bytes());
  }
  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325ULL;
};

}  // namespace neurocuda
