#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "common.hpp"
#include "core_call.hpp"
#include "neurocuda/correction/bias_correction.hpp"
#include "progress.hpp"

namespace neurocuda::python {
namespace {

nb::tuple correct_biases(const program::Program& program, const data::Dataset& dataset, int timesteps, int rounds,
                         std::int64_t images, double held_out, std::uint64_t seed, int threads, nb::object progress) {
  correction::BiasCorrectionOptions options;
  options.timesteps = timesteps;
  options.rounds = rounds;
  options.threads = threads;
  options.images = images;
  options.held_out = held_out;
  options.seed = seed;
  correction::BiasCorrection result;
  {
    PythonProgress reporter(std::move(progress));
    const CoreCall call;
    result = correction::correct_biases(program, dataset, options, reporter);
  }
  nb::dict facts;
  facts["chosen_round"] = result.chosen_round;
  facts["held_out_accuracy"] = result.held_out_accuracy;
  facts["rate_error"] = result.rate_error;
  return nb::make_tuple(result.program, facts);
}

}  // namespace

void bind_correction(nb::module_& module) {
  module.def("correct_biases", &correct_biases, nb::arg("program"), nb::arg("dataset"), nb::kw_only(),
             nb::arg("timesteps") = 0, nb::arg("rounds") = 4, nb::arg("images") = 256, nb::arg("held_out") = 0.1,
             nb::arg("seed") = 0, nb::arg("threads") = 0, nb::arg("progress") = nb::none(),
             "(Program, {chosen_round, held_out_accuracy, rate_error})");
}

}  // namespace neurocuda::python
