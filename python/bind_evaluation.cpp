#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <span>

#include "common.hpp"
#include "core_call.hpp"
#include "json_bridge.hpp"
#include "neurocuda/base/report_json.hpp"
#include "neurocuda/metrics/evaluation.hpp"
#include "recording.hpp"

namespace neurocuda::python {
namespace {

/// Keeps its executable alive.
struct Evaluation {
  std::shared_ptr<runtime::Executable> executable;
  metrics::BatchEvaluation batches;

  Evaluation(std::shared_ptr<runtime::Executable> on, const std::vector<int>& timesteps, int threads,
             const std::string& mode)
      : executable(std::move(on)),
        batches(*executable, timesteps, {.threads = threads, .mode = program::mode_named(mode)}) {}

  void add(const Array<float>& images, const std::optional<Array<std::int64_t>>& labels) {
    const auto view = view_of(images);
    std::span<const std::int64_t> known;
    if (labels) known = {labels->data(), labels->size()};
    const CoreCall call;
    batches.add(view, known);
  }
};

nb::object results(const Evaluation& evaluation, const std::string& data) {
  return object_of(report::to_json(evaluation.batches.result(data)));
}

}  // namespace

void bind_evaluation(nb::module_& module) {
  nb::class_<Evaluation>(module, "Evaluation", "Accuracy, sparsity and operations of batches that come one at a time.")
      .def(nb::init<std::shared_ptr<runtime::Executable>, const std::vector<int>&, int, const std::string&>(),
           nb::arg("executable"), nb::arg("timesteps"), nb::kw_only(), nb::arg("threads") = 0,
           nb::arg("mode") = "synchronous")
      .def("add", &Evaluation::add, nb::arg("images"), nb::arg("labels").none(),
           "Runs normalised images (n, C, H, W); labels (n,), int64, or None.")
      .def("results", &results, nb::arg("data"), "One dict per T, with the keys of `neurocuda eval --json`.");
}

}  // namespace neurocuda::python
