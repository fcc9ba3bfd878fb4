#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <memory>
#include <utility>
#include <vector>

#include "neurocuda/base/tensor.hpp"

/// What the binding files share. An array is anything with DLPack or the buffer protocol (torch, numpy), on the CPU.
namespace neurocuda::python {

namespace nb = nanobind;

/// Read-only, contiguous: nanobind hands over such memory as it is and converts (copies) anything else.
template <class T>
using Array = nb::ndarray<const T, nb::c_contig, nb::device::cpu>;

template <class A>
Shape shape_of(const A& array) {
  Shape shape;
  for (std::size_t axis = 0; axis < array.ndim(); ++axis) shape.push_back(static_cast<std::int64_t>(array.shape(axis)));
  return shape;
}

/// The array's own memory; the array must outlive the view.
template <class T>
TensorView<const T> view_of(const Array<T>& array) {
  return {array.data(), shape_of(array)};
}

template <class T>
Tensor<T> copy_of(const Array<T>& array) {
  return Tensor<T>(shape_of(array), std::vector<T>(array.data(), array.data() + array.size()));
}

/// A numpy array that owns `values`, without a copy.
template <class T>
nb::ndarray<nb::numpy, T> to_numpy(std::vector<T> values, const Shape& shape) {
  auto* kept = new std::vector<T>(std::move(values));
  nb::capsule owner(kept, [](void* memory) noexcept { delete static_cast<std::vector<T>*>(memory); });
  const std::vector<std::size_t> extents(shape.begin(), shape.end());
  return nb::ndarray<nb::numpy, T>(kept->data(), extents.size(), extents.data(), owner);
}

template <class T>
nb::ndarray<nb::numpy, T> to_numpy(const Tensor<T>& tensor) {
  return to_numpy(std::vector<T>(tensor.values().begin(), tensor.values().end()), tensor.shape());
}

// One registration per file.
void bind_errors(nb::module_& module);
void bind_program(nb::module_& module);
void bind_runtime(nb::module_& module);
void bind_evaluation(nb::module_& module);
void bind_data(nb::module_& module);
void bind_verify(nb::module_& module);
void bind_graph(nb::module_& module);
void bind_onnx(nb::module_& module);
void bind_conversion(nb::module_& module);

}  // namespace neurocuda::python
