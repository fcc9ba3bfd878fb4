#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "common.hpp"
#include "core_call.hpp"
#include "modes.hpp"
#include "neurocuda/conversion/architectures.hpp"
#include "neurocuda/conversion/convert.hpp"
#include "progress.hpp"

namespace neurocuda::python {
namespace {

using conversion::CalibrateOptions;
using conversion::Conversion;
using conversion::ConvertOptions;

conversion::SpikingMode spiking_mode(const std::string& name) {
  return mode_of(name) == runtime::Mode::exact ? conversion::SpikingMode::exact : conversion::SpikingMode::synchronous;
}

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
  options.mode = spiking_mode(mode);
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

nb::list epoch_list(const Conversion& conversion) {
  nb::list list;
  for (const conversion::EpochStatistics& epoch : conversion.epochs) {
    nb::dict entry;
    entry["epoch"] = epoch.epoch;
    entry["loss"] = epoch.loss;
    entry["train_accuracy"] = epoch.train_accuracy;
    entry["seconds"] = epoch.seconds;
    list.append(entry);
  }
  return list;
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

/// Every setting by the name that Python's convert() has for it; `set` of an unknown name is an AttributeError there.
void bind_options(nb::module_& module) {
  using O = ConvertOptions;
  nb::class_<O> options(module, "ConvertOptions");
  options.def(nb::init<>()).def_rw("timesteps", &O::timesteps).def_rw("levels", &O::levels).def_rw("seed", &O::seed);
  options.def_prop_rw(
      "mode", [](const O& o) { return o.mode == conversion::SpikingMode::exact ? "exact" : "synchronous"; },
      [](O& o, const std::string& name) { o.mode = spiking_mode(name); });
  // Members of members: def_rw reaches only the first level.
  options
      .def_prop_rw(
          "epochs", [](const O& o) { return o.calibrate.epochs; }, [](O& o, int v) { o.calibrate.epochs = v; })
      .def_prop_rw(
          "percentile", [](const O& o) { return o.calibrate.percentile; },
          [](O& o, double v) { o.calibrate.percentile = v; })
      .def_prop_rw(
          "percentile_images", [](const O& o) { return o.calibrate.percentile_images; },
          [](O& o, std::int64_t v) { o.calibrate.percentile_images = v; })
      .def_prop_rw(
          "batch_size", [](const O& o) { return o.calibrate.batch_size; },
          [](O& o, std::int64_t v) { o.calibrate.batch_size = v; })
      .def_prop_rw(
          "learning_rate", [](const O& o) { return o.calibrate.learning_rate; },
          [](O& o, double v) { o.calibrate.learning_rate = v; })
      .def_prop_rw(
          "lambda_learning_rate", [](const O& o) { return o.calibrate.lambda_learning_rate; },
          [](O& o, double v) { o.calibrate.lambda_learning_rate = v; })
      .def_prop_rw(
          "weight_decay", [](const O& o) { return o.calibrate.weight_decay; },
          [](O& o, double v) { o.calibrate.weight_decay = v; })
      .def_prop_rw(
          "clip_norm", [](const O& o) { return o.calibrate.clip_norm; },
          [](O& o, double v) { o.calibrate.clip_norm = v; })
      .def_prop_rw(
          "distillation", [](const O& o) { return o.calibrate.distillation; },
          [](O& o, double v) { o.calibrate.distillation = v; })
      .def_prop_rw(
          "quantize_weights", [](const O& o) { return o.calibrate.quantize_weights; },
          [](O& o, bool v) { o.calibrate.quantize_weights = v; })
      .def_prop_rw(
          "held_out", [](const O& o) { return o.calibrate.held_out; }, [](O& o, double v) { o.calibrate.held_out = v; })
      .def_prop_rw(
          "crop_padding", [](const O& o) { return o.calibrate.augmentation.crop_padding; },
          [](O& o, int v) { o.calibrate.augmentation.crop_padding = v; })
      .def_prop_rw(
          "flip", [](const O& o) { return o.calibrate.augmentation.flip; },
          [](O& o, bool v) { o.calibrate.augmentation.flip = v; })
      .def_prop_rw(
          "cutout", [](const O& o) { return o.calibrate.augmentation.cutout; },
          [](O& o, int v) { o.calibrate.augmentation.cutout = v; })
      .def_prop_rw(
          "weight_bits", [](const O& o) { return o.lower.weight_bits; }, [](O& o, int v) { o.lower.weight_bits = v; })
      .def_prop_rw(
          "input_bits", [](const O& o) { return o.lower.input_bits; }, [](O& o, int v) { o.lower.input_bits = v; })
      .def_prop_rw(
          "input_absmax", [](const O& o) { return o.lower.input_absmax; },
          [](O& o, std::vector<float> v) { o.lower.input_absmax = std::move(v); })
      .def_prop_rw(
          "device", [](const O& o) { return o.compute.device; },
          [](O& o, std::string v) { o.compute.device = std::move(v); })
      .def_prop_rw(
          "threads", [](const O& o) { return o.compute.threads; }, [](O& o, int v) { o.compute.threads = v; })
      .def_prop_rw(
          "bf16", [](const O& o) { return o.compute.bf16; }, [](O& o, bool v) { o.compute.bf16 = v; });
}

}  // namespace

void bind_conversion(nb::module_& module) {
  bind_options(module);
  nb::class_<Conversion>(module, "Conversion", "A converted network with the report of its stages.")
      .def_prop_ro("program", [](const Conversion& c) { return c.lowered.program; })
      .def_ro("qcfs", &Conversion::qcfs, "The calibrated graph, float.")
      .def_ro("spiking", &Conversion::spiking, "The IF graph, float.")
      .def_ro("levels", &Conversion::levels)
      .def_ro("chosen_epoch", &Conversion::chosen_epoch)
      .def_prop_ro("stages", &stage_list)
      .def_prop_ro("epochs", &epoch_list)
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
