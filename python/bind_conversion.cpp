#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "common.hpp"
#include "core_call.hpp"
#include "neurocuda/conversion/architectures.hpp"
#include "neurocuda/conversion/convert.hpp"
#include "progress.hpp"

namespace neurocuda::python {
namespace {

using conversion::Conversion;
using conversion::ConvertOptions;

Conversion convert(const ir::Graph& graph, const data::Dataset& calibration, const data::Dataset* evaluation,
                   const ConvertOptions& options, nb::object progress) {
  PythonProgress reporter(std::move(progress));
  const CoreCall call;
  return conversion::convert(graph, calibration, evaluation, options, reporter);
}

nb::ndarray<nb::numpy, float> run_float(const ir::Graph& graph, const Array<float>& images, int timesteps,
                                        const std::string& mode, const std::string& device, int threads) {
  conversion::FloatOptions options;
  options.compute = {device, threads, false};
  options.timesteps = timesteps;
  options.mode = program::mode_named(mode);
  Tensor<float> logits;
  {
    const CoreCall call;
    logits = conversion::run_float(graph, view_of(images), options);
  }
  return to_numpy(logits);
}

nb::list stage_list(const Conversion& conversion) {
  nb::list list;
  for (const conversion::Stage& stage : conversion.stages) {
    nb::dict entry;
    entry["name"] = stage.name;
    entry["seconds"] = stage.seconds;
    entry["accuracy"] = stage.accuracy ? nb::cast(*stage.accuracy) : nb::none();
    entry["epochs"] = stage.epochs;
    list.append(entry);
  }
  return list;
}

nb::list epoch_list(const std::vector<conversion::EpochStatistics>& epochs) {
  nb::list list;
  for (const conversion::EpochStatistics& epoch : epochs) {
    nb::dict entry;
    entry["epoch"] = epoch.epoch;
    entry["loss"] = epoch.loss;
    entry["train_accuracy"] = epoch.train_accuracy;
    entry["seconds"] = epoch.seconds;
    list.append(entry);
  }
  return list;
}

nb::object tuning_of(const Conversion& conversion) {
  if (!conversion.tuning) return nb::none();
  nb::dict facts;
  facts["epochs"] = epoch_list(conversion.tuning->epochs);
  facts["chosen_epoch"] = conversion.tuning->chosen_epoch;
  facts["held_out_accuracy"] = conversion.tuning->held_out_accuracy;
  facts["start_handicap"] = conversion.tuning->start_handicap;
  facts["micro_batch"] = conversion.tuning->micro_batch;
  return facts;
}

nb::object correction_of(const Conversion& conversion) {
  if (!conversion.correction) return nb::none();
  nb::dict facts;
  facts["chosen_round"] = conversion.correction->chosen_round;
  facts["held_out_accuracy"] = conversion.correction->held_out_accuracy;
  facts["rate_error"] = conversion.correction->rate_error;
  return facts;
}

nb::list attribution_list(const Conversion& conversion) {
  nb::list list;
  for (const conversion::LayerAttribution& layer : conversion.attribution) {
    nb::dict entry;
    entry["layer"] = layer.layer;
    entry["training"] = layer.training;
    entry["clipping"] = layer.clipping;
    entry["quantisation"] = layer.quantisation;
    entry["unevenness"] = layer.unevenness;
    entry["rounding"] = layer.rounding;
    list.append(entry);
  }
  return list;
}

nb::object largest_error_of(const Conversion& conversion) {
  if (conversion.attribution.empty()) return nb::none();
  const conversion::Culprit culprit = conversion::largest_error(conversion.attribution);
  nb::dict facts;
  facts["part"] = nb::str(culprit.part.data(), culprit.part.size());
  facts["error"] = culprit.error;
  facts["remedy"] = nb::str(culprit.remedy.data(), culprit.remedy.size());
  return facts;
}

nb::list rounding_list(const Conversion& conversion) {
  nb::list list;
  for (const compiler::LayerRounding& layer : conversion.lowered.rounding) {
    nb::dict entry;
    entry["layer"] = layer.layer;
    entry["worst_weight_error"] = layer.worst_weight_error();
    entry["worst_theta_error"] = layer.worst_theta_error();
    list.append(entry);
  }
  return list;
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
      .def_ro("chosen_epoch", &Conversion::chosen_epoch)
      .def_ro("held_out_accuracy", &Conversion::held_out_accuracy,
              "Of the integer network: at the start, then after every epoch of the calibration.")
      .def_ro("start_handicap", &Conversion::start_handicap,
              "Accuracy that the start is taken to owe to having seen the held-out images.")
      .def_prop_ro("stages", &stage_list)
      .def_prop_ro("epochs", [](const Conversion& c) { return epoch_list(c.epochs); })
      .def_prop_ro("tuning", &tuning_of, "The fine-tuning: epochs, chosen_epoch, held_out_accuracy; None without.")
      .def_prop_ro("correction", &correction_of,
                   "The bias correction, round by round: held_out_accuracy, rate_error; chosen_round; None without.")
      .def_prop_ro("attribution", &attribution_list,
                   "Rate errors of every layer against the ANN, root mean squares in units of the full rate: training, "
                   "clipping, quantisation, unevenness, rounding.")
      .def_prop_ro("largest_error", &largest_error_of, "The largest part of the attribution: part, error, remedy.")
      .def_prop_ro("rounding", &rounding_list);
  module.def("convert", &convert, nb::arg("graph"), nb::arg("calibration"), nb::arg("evaluation").none(),
             nb::arg("options"), nb::arg("progress") = nb::none());
  module.def("run_float", &run_float, nb::arg("graph"), nb::arg("images"), nb::kw_only(), nb::arg("timesteps") = 32,
             nb::arg("mode") = "synchronous", nb::arg("device") = "cpu", nb::arg("threads") = 0,
             "Logits (n, classes) of a float graph under libtorch; of an IF graph, the mean over the timesteps.");
  module.def("architecture_names", &conversion::architecture_names);
  module.def(
      "build_architecture",
      [](const std::string& name, const Shape& image_shape, std::int64_t classes, std::uint64_t seed) {
        return conversion::build_architecture(name, {image_shape, classes, seed, {}});
      },
      nb::arg("name"), nb::arg("image_shape"), nb::arg("classes") = 10, nb::arg("seed") = 0);
}

}  // namespace neurocuda::python
