#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "common.hpp"
#include "neurocuda/onnx/onnx.hpp"
#include "neurocuda/onnx/operators.hpp"

namespace neurocuda::python {

void bind_onnx(nb::module_& module) {
  module.def(
      "read_onnx",
      [](const std::filesystem::path& path) {
        onnx::Reading reading = [&] {
          const nb::gil_scoped_release released;
          return onnx::read_with_notes(path);
        }();
        return std::pair(std::move(reading.graph), std::move(reading.notes));
      },
      nb::arg("path"),
      "An ANN file as a Graph, and a line for each thing that it leaves out or reads as something else.");
  module.def(
      "onnx_operators",
      [] {
        nb::list list;
        for (const onnx::OperatorSupport& support : onnx::operators()) {
          nb::dict one;
          one["name"] = support.name;
          one["read"] = support.read;
          one["computed"] = support.computed;
          one["reason"] = support.reason;
          one["remedy"] = support.remedy;
          list.append(one);
        }
        return list;
      },
      "What the reader does with every operator of ONNX that it knows.");
  module.def(
      "write_onnx", [](const ir::Graph& graph, const std::filesystem::path& path) { onnx::write(graph, path); },
      nb::arg("graph"), nb::arg("path"), nb::call_guard<nb::gil_scoped_release>());
}

}  // namespace neurocuda::python
