#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "common.hpp"
#include "neurocuda/nir/nir.hpp"
#include "neurocuda/program/bounds.hpp"
#include "neurocuda/program/program.hpp"

namespace neurocuda::python {
namespace {

using program::Program;

nb::list node_list(const Program& program) {
  nb::list nodes;
  for (const program::Node& node : program.nodes) {
    nb::dict entry;
    entry["name"] = node.name;
    const std::string_view kind = program::kind_name(node.kind);
    entry["kind"] = nb::str(kind.data(), kind.size());
    entry["shape"] = nb::tuple(nb::cast(node.shape));
    nb::list groups;
    for (const auto& group : program::groups_of(node)) groups.append(nb::str(group.name.c_str()));
    entry["groups"] = groups;
    nodes.append(entry);
  }
  return nodes;
}

nb::dict bounds_of(const Program& program, int timesteps) {
  const auto bounds = program::prove_bounds(program, timesteps > 0 ? timesteps : program.timesteps);
  nb::dict facts;
  facts["timesteps"] = bounds.timesteps;
  facts["fits_int32"] = bounds.fits_int32;
  facts["exact_in_float32"] = bounds.exact_in_float32;
  facts["first_beyond_float32"] = bounds.first_beyond_float32;
  return facts;
}

}  // namespace

void bind_program(nb::module_& module) {
  nb::class_<Program>(module, "Program", "An integer spiking network, as executables run it.")
      .def_ro("name", &Program::name)
      .def_rw("timesteps", &Program::timesteps, "The T that it was converted for.")
      .def_prop_ro(
          "mode", [](const Program& p) { return std::string(program::name_of(p.mode)); },
          "The mode that it was converted for: 'synchronous' or 'exact'.")
      .def_ro("settings", &Program::settings, "What it was converted with, a JSON object as text; '' when unknown.")
      .def_ro("made_by", &Program::made_by, "The software that converted it; '' when unknown.")
      .def_prop_ro("input_shape", [](const Program& p) { return nb::tuple(nb::cast(p.nodes.front().shape)); })
      .def_prop_ro("classes", [](const Program& p) { return program::channels(p.nodes.back().shape); })
      .def_prop_ro("neurons", &program::neuron_count, "Number of IF neurons.")
      .def_prop_ro("dense_macs_per_timestep", &program::dense_macs_per_timestep)
      .def_prop_ro("input_macs", &program::input_macs)
      .def_prop_ro("mean", [](const Program& p) { return p.input().mean; })
      .def_prop_ro("stddev", [](const Program& p) { return p.input().stddev; })
      .def("nodes", &node_list, "One dict per node: name, kind, shape, groups.")
      .def("bounds", &bounds_of, nb::arg("timesteps") = 0, "What is proven about its sums.")
      .def("__eq__", [](const Program& a, const Program& b) { return a == b; })
      .def("__str__", [](const Program& p) { return program::to_string(p); });

  module.def(
      "read_nir", [](const std::filesystem::path& path) { return nir::read(path); }, nb::arg("path"),
      nb::call_guard<nb::gil_scoped_release>(), "A .nir file as a Program.");
  module.def(
      "write_nir", [](const Program& program, const std::filesystem::path& path) { nir::write(program, path); },
      nb::arg("program"), nb::arg("path"), nb::call_guard<nb::gil_scoped_release>(),
      "Writes a Program, whole or not at all.");
}

}  // namespace neurocuda::python
