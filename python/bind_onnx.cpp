#include <nanobind/stl/filesystem.h>

#include "common.hpp"
#include "neurocuda/onnx/onnx.hpp"

namespace neurocuda::python {

void bind_onnx(nb::module_& module) {
  module.def(
      "read_onnx", [](const std::filesystem::path& path) { return onnx::read(path); }, nb::arg("path"),
      nb::call_guard<nb::gil_scoped_release>(), "An ANN file as a Graph.");
  module.def(
      "write_onnx", [](const ir::Graph& graph, const std::filesystem::path& path) { onnx::write(graph, path); },
      nb::arg("graph"), nb::arg("path"), nb::call_guard<nb::gil_scoped_release>());
}

}  // namespace neurocuda::python
