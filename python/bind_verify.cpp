#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "common.hpp"
#include "core_call.hpp"
#include "json_bridge.hpp"
#include "neurocuda/base/report_json.hpp"
#include "neurocuda/verify/verify.hpp"
#include "progress.hpp"
#include "recording.hpp"

namespace neurocuda::python {
namespace {

nb::object verify_all(const std::vector<const runtime::Executable*>& executables, const data::Dataset& dataset,
                      int timesteps, int threads, const std::string& mode, nb::object progress) {
  PythonProgress reporter(std::move(progress));
  const verify::VerifyOptions options{timesteps, threads, program::mode_named(mode)};
  verify::Verification verification;
  {
    const CoreCall call;
    verification = verify::verify(executables, dataset, options, reporter);
  }
  return object_of(report::to_json(verification));
}

}  // namespace

void bind_verify(nb::module_& module) {
  module.def("verify", &verify_all, nb::arg("executables"), nb::arg("dataset"), nb::kw_only(), nb::arg("timesteps") = 0,
             nb::arg("threads") = 0, nb::arg("mode") = "synchronous", nb::arg("progress") = nb::none(),
             "Compares every spike, membrane and accumulator with those of the first executable.");
  module.def("with_changed_weight", &verify::with_changed_weight, nb::arg("program"), nb::arg("layer"),
             nb::arg("weight"), nb::arg("delta"), "A copy with one weight changed: a fault to test verification with.");
}

}  // namespace neurocuda::python
