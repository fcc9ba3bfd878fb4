#pragma once

#include <cstddef>
#include <cstring>
#include <vector>

namespace neurocuda::runtime::gpu {

/// A place in the constants of a plan; becomes an address once they are on the device.
template <class T>
struct Constant {
  std::size_t offset = 0;
  const T* on(const char* base) const { return reinterpret_cast<const T*>(base + offset); }
};

/// Weights, thresholds and the like, laid out on the host and copied to the device in one piece.
class Constants {
 public:
  template <class T>
  Constant<T> add(const T* values, std::size_t count) {
    const std::size_t offset = (bytes_.size() + kAlignment - 1) / kAlignment * kAlignment;
    bytes_.resize(offset + count * sizeof(T));
    if (count > 0) std::memcpy(bytes_.data() + offset, values, count * sizeof(T));
    return {offset};
  }
  template <class T>
  Constant<T> add(const std::vector<T>& values) {
    return add(values.data(), values.size());
  }
  const std::vector<char>& bytes() const { return bytes_; }

 private:
  static constexpr std::size_t kAlignment = 256;
  std::vector<char> bytes_;
};

}  // namespace neurocuda::runtime::gpu
