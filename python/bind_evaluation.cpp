#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <span>

#include "common.hpp"
#include "core_call.hpp"
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

nb::dict to_dict(const metrics::LayerStatistics& layer) {
  nb::dict facts;
  facts["layer"] = layer.layer;
  facts["neurons"] = layer.neurons;
  facts["sparsity"] = layer.sparsity;
  facts["spikes_per_image"] = layer.spikes_per_image;
  facts["synops_per_image"] = layer.synops_per_image;
  facts["dense_macs_per_image"] = layer.dense_macs_per_image;
  return facts;
}

/// The keys of `neurocuda eval --json`.
nb::dict to_dict(const metrics::Evaluation& evaluation) {
  nb::dict facts;
  facts["accuracy"] = evaluation.accuracy;
  facts["cross_entropy"] = evaluation.cross_entropy;
  facts["correct"] = evaluation.correct;
  facts["images"] = evaluation.images;
  facts["timesteps"] = evaluation.timesteps;
  facts["target"] = evaluation.target;
  facts["isa"] = evaluation.isa;
  facts["data"] = evaluation.data;
  facts["mode"] = evaluation.mode;
  facts["sparsity"] = evaluation.sparsity;
  facts["spikes_per_image"] = evaluation.spikes_per_image;
  facts["synops_per_image"] = evaluation.synops_per_image;
  facts["dense_macs_per_image"] = evaluation.dense_macs_per_image;
  facts["input_macs_per_image"] = evaluation.input_macs_per_image;
  facts["images_per_second"] = evaluation.images_per_second;
  nb::list layers;
  for (const auto& layer : evaluation.layers) layers.append(to_dict(layer));
  facts["layers"] = layers;
  return facts;
}

nb::list results(const Evaluation& evaluation, const std::string& data) {
  nb::list list;
  for (const metrics::Evaluation& one : evaluation.batches.result(data)) list.append(to_dict(one));
  return list;
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
