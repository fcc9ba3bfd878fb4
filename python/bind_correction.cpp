#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "bind_settings.hpp"
#include "common.hpp"
#include "core_call.hpp"
#include "neurocuda/base/report_json.hpp"
#include "neurocuda/correction/bias_correction.hpp"
#include "progress.hpp"

namespace neurocuda::python {
namespace {

nb::tuple correct_biases(const program::Program& program, const data::Dataset& dataset, const nb::dict& given,
                         nb::object progress) {
  const auto settings = settings_of<correction::Settings>(given, nb::none());
  correction::BiasCorrection result;
  {
    PythonProgress reporter(std::move(progress));
    const CoreCall call;
    result = correction::correct_biases(program, dataset, settings, reporter);
  }
  return nb::make_tuple(result.program, object_of(report::to_json(result)));
}

}  // namespace

void bind_correction(nb::module_& module) {
  module.def("correct_biases", &correct_biases, nb::arg("program"), nb::arg("dataset"), nb::arg("settings"),
             nb::arg("progress") = nb::none(), "(Program, {rounds, chosen_round, held_out_accuracy, rate_error})");
  bind_settings_table<correction::Settings>(module, "correction_settings");
}

}  // namespace neurocuda::python
