#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "bind_settings.hpp"
#include "common.hpp"
#include "core_call.hpp"
#include "neurocuda/base/report_json.hpp"
#include "neurocuda/conversion/convert.hpp"
#include "neurocuda/network/evaluate.hpp"
#include "neurocuda/training/architectures.hpp"
#include "neurocuda/training/settings.hpp"
#include "progress.hpp"

namespace neurocuda::python {
namespace {

using conversion::Conversion;

Conversion convert(const ir::Graph& graph, const data::Dataset& calibration, const data::Dataset* evaluation,
                   const nb::dict& settings, const nb::object& recipe, const ir::Graph* calibrated,
                   nb::object progress) {
  conversion::ConvertOptions options;
  options.settings = settings_of<conversion::Settings>(settings, recipe);
  if (calibrated) options.calibrated = *calibrated;
  PythonProgress reporter(std::move(progress));
  const CoreCall call;
  return conversion::convert(graph, calibration, evaluation, options, reporter);
}

nb::ndarray<nb::numpy, float> run_float(const ir::Graph& graph, const Array<float>& images, int timesteps,
                                        const std::string& mode, const std::string& device, int threads) {
  network::FloatOptions options;
  options.compute = {device, threads, false};
  options.timesteps = timesteps;
  options.mode = program::mode_named(mode);
  Tensor<float> logits;
  {
    const CoreCall call;
    logits = network::run_float(graph, view_of(images), options);
  }
  return to_numpy(logits);
}

}  // namespace

void bind_conversion(nb::module_& module) {
  nb::class_<Conversion>(module, "Conversion", "A converted network with the report of its stages.")
      .def_prop_ro("program", [](const Conversion& c) { return c.lowered.program; })
      .def_ro("qcfs", &Conversion::qcfs, "The calibrated graph, float.")
      .def_ro("live", &Conversion::live,
              "The calibrated graph with its batch norms: convert(..., calibrated=...) takes it for another T.")
      .def_ro("spiking", &Conversion::spiking, "The IF graph, float.")
      .def_ro("levels", &Conversion::levels)
      .def_prop_ro(
          "settings", [](const Conversion& c) { return object_of(settings::to_json(c.settings)); },
          "As they were given: convert(..., **settings) makes the same network again.")
      .def_prop_ro(
          "report", [](const Conversion& c) { return object_of(report::to_json(c)); },
          "What the conversion reports, as a dict: the document of `neurocuda convert --json`.");
  module.def("convert", &convert, nb::arg("graph"), nb::arg("calibration"), nb::arg("evaluation").none(),
             nb::arg("settings"), nb::arg("recipe") = nb::none(), nb::arg("calibrated").none() = nb::none(),
             nb::arg("progress") = nb::none());
  bind_settings_table<conversion::Settings>(module, "conversion_settings");
  bind_settings_table<training::Settings>(module, "training_settings");
  module.def("run_float", &run_float, nb::arg("graph"), nb::arg("images"), nb::kw_only(), nb::arg("timesteps") = 32,
             nb::arg("mode") = "synchronous", nb::arg("device") = "cpu", nb::arg("threads") = 0,
             "Logits (n, classes) of a float graph under libtorch; of an IF graph, the mean over the timesteps.");
  module.def("architecture_names", &training::architecture_names);
  module.def(
      "build_architecture",
      [](const std::string& name, const Shape& image_shape, std::int64_t classes, std::uint64_t seed) {
        return training::build_architecture(name, {image_shape, classes, seed, {}});
      },
      nb::arg("name"), nb::arg("image_shape"), nb::arg("classes") = 10, nb::arg("seed") = 0);
}

}  // namespace neurocuda::python
