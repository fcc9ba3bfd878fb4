#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "neurocuda/base/error.hpp"
#include "neurocuda/base/shape.hpp"

namespace neurocuda {

/// A dense row-major tensor that somebody else owns. Cheap to copy; T may be const.
template <class T>
class TensorView {
 public:
  TensorView() = default;
  TensorView(T* data, Shape shape) : data_(data), shape_(std::move(shape)), size_(element_count(shape_)) {}

  const Shape& shape() const { return shape_; }
  std::int64_t extent(std::size_t axis) const { return shape_.at(axis); }
  std::int64_t size() const { return size_; }
  T* data() const { return data_; }
  std::span<T> values() const { return {data_, static_cast<std::size_t>(size_)}; }
  T& operator[](std::int64_t i) const { return data_[i]; }

  /// The i-th slice along the outermost axis.
  TensorView slice(std::int64_t i) const {
    Shape inner(shape_.begin() + 1, shape_.end());
    const std::int64_t step = element_count(inner);
    return TensorView(data_ + i * step, std::move(inner));
  }
  /// Slices [begin, end) along the outermost axis.
  TensorView range(std::int64_t begin, std::int64_t end) const {
    Shape part = shape_;
    const std::int64_t step = shape_[0] > 0 ? size_ / shape_[0] : 0;
    part[0] = end - begin;
    return TensorView(data_ + begin * step, std::move(part));
  }

 private:
  T* data_ = nullptr;
  Shape shape_;
  std::int64_t size_ = 0;
};

/// A dense row-major tensor with value semantics. T must not be bool.
template <class T>
class Tensor {
 public:
  Tensor() = default;
  explicit Tensor(Shape shape, T fill = T{})
      : shape_(std::move(shape)), data_(static_cast<std::size_t>(element_count(shape_)), fill) {}
  Tensor(Shape shape, std::vector<T> values) : shape_(std::move(shape)), data_(std::move(values)) {
    ensure(element_count(shape_) == size(), "tensor: the number of values does not match the shape");
  }

  const Shape& shape() const { return shape_; }
  std::int64_t extent(std::size_t axis) const { return shape_.at(axis); }
  std::int64_t size() const { return static_cast<std::int64_t>(data_.size()); }
  bool empty() const { return data_.empty(); }
  T* data() { return data_.data(); }
  const T* data() const { return data_.data(); }
  T& operator[](std::int64_t i) { return data_[static_cast<std::size_t>(i)]; }
  const T& operator[](std::int64_t i) const { return data_[static_cast<std::size_t>(i)]; }
  std::span<T> values() { return data_; }
  std::span<const T> values() const { return data_; }

  TensorView<T> view() { return {data(), shape_}; }
  TensorView<const T> view() const { return {data(), shape_}; }

  bool operator==(const Tensor&) const = default;

 private:
  Shape shape_;
  std::vector<T> data_;
};

}  // namespace neurocuda
