#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <type_traits>

#include "common.hpp"
#include "neurocuda/conversion/convert.hpp"

namespace neurocuda::python {
namespace {

using Options = conversion::ConvertOptions;
using conversion::CalibrateOptions;
using conversion::FinetuneOptions;

/// A member of a member under a name of its own: def_rw reaches only the first level.
template <auto Outer, auto Inner>
void nested(nb::class_<Options>& options, const char* name) {
  using Value = std::remove_cvref_t<decltype(std::declval<Options>().*Outer.*Inner)>;
  options.def_prop_rw(
      name, [](const Options& o) { return o.*Outer.*Inner; },
      [](Options& o, Value value) { o.*Outer.*Inner = std::move(value); });
}

template <auto Inner>
void calibrate(nb::class_<Options>& options, const char* name) {
  nested<&Options::calibrate, Inner>(options, name);
}

template <auto Inner>
void tune(nb::class_<Options>& options, const char* name) {
  nested<&Options::finetune, Inner>(options, name);
}

/// One setting of the calibration and the fine-tuning.
template <auto Calibrate, auto Finetune>
void both(nb::class_<Options>& options, const char* name) {
  using Value = std::remove_cvref_t<decltype(std::declval<CalibrateOptions>().*Calibrate)>;
  options.def_prop_rw(
      name, [](const Options& o) { return o.calibrate.*Calibrate; },
      [](Options& o, Value value) { o.calibrate.*Calibrate = o.finetune.*Finetune = value; });
}

template <auto Inner>
void augmentation(nb::class_<Options>& options, const char* name) {
  using Value = std::remove_cvref_t<decltype(std::declval<data::Augmentation>().*Inner)>;
  options.def_prop_rw(
      name, [](const Options& o) { return o.calibrate.augmentation.*Inner; },
      [](Options& o, Value value) {
        o.calibrate.augmentation.*Inner = value;
        o.finetune.augmentation.*Inner = value;
      });
}

void bind_calibration(nb::class_<Options>& options) {
  calibrate<&CalibrateOptions::epochs>(options, "epochs");
  calibrate<&CalibrateOptions::percentile>(options, "percentile");
  calibrate<&CalibrateOptions::percentile_images>(options, "percentile_images");
  calibrate<&CalibrateOptions::learning_rate>(options, "learning_rate");
  calibrate<&CalibrateOptions::lambda_learning_rate>(options, "lambda_learning_rate");
  calibrate<&CalibrateOptions::clip_norm>(options, "clip_norm");
  calibrate<&CalibrateOptions::distillation>(options, "distillation");
  calibrate<&CalibrateOptions::noise>(options, "noise");
  calibrate<&CalibrateOptions::noise_warmup>(options, "noise_warmup");
}

std::string tuning_name(const Options& options) {
  return options.gradient ? std::string(conversion::name_of(*options.gradient)) : "auto";
}

void set_tuning(Options& options, const std::string& name) {
  options.gradient.reset();
  if (name != "auto") options.gradient = conversion::gradient_named(name);
}

void bind_tuning(nb::class_<Options>& options) {
  options.def_prop_rw("tuning", &tuning_name, &set_tuning);
  tune<&FinetuneOptions::epochs>(options, "tune_epochs");
  tune<&FinetuneOptions::epoch_images>(options, "tune_images");
  tune<&FinetuneOptions::learning_rate>(options, "tune_learning_rate");
  tune<&FinetuneOptions::threshold_learning_rate>(options, "threshold_learning_rate");
  tune<&FinetuneOptions::clip_norm>(options, "tune_clip_norm");
  tune<&FinetuneOptions::time_consistency>(options, "time_consistency");
  tune<&FinetuneOptions::per_timestep>(options, "per_timestep");
  tune<&FinetuneOptions::memory_limit>(options, "memory_limit");
}

void bind_common(nb::class_<Options>& options) {
  both<&CalibrateOptions::batch_size, &FinetuneOptions::batch_size>(options, "batch_size");
  both<&CalibrateOptions::weight_decay, &FinetuneOptions::weight_decay>(options, "weight_decay");
  both<&CalibrateOptions::synop_weight, &FinetuneOptions::synop_weight>(options, "synop_weight");
  both<&CalibrateOptions::quantize_weights, &FinetuneOptions::quantize_weights>(options, "quantize_weights");
  both<&CalibrateOptions::held_out, &FinetuneOptions::held_out>(options, "held_out");
  both<&CalibrateOptions::score_images, &FinetuneOptions::score_images>(options, "score_images");
  both<&CalibrateOptions::label_weight, &FinetuneOptions::label_weight>(options, "label_weight");
  both<&CalibrateOptions::freeze_weights, &FinetuneOptions::freeze_weights>(options, "freeze_weights");
  both<&CalibrateOptions::average, &FinetuneOptions::average>(options, "average");
  both<&CalibrateOptions::mixup, &FinetuneOptions::mixup>(options, "mixup");
  both<&CalibrateOptions::cutmix, &FinetuneOptions::cutmix>(options, "cutmix");
  both<&CalibrateOptions::plain_epochs, &FinetuneOptions::plain_epochs>(options, "plain_epochs");
  augmentation<&data::Augmentation::crop_padding>(options, "crop_padding");
  augmentation<&data::Augmentation::flip>(options, "flip");
  augmentation<&data::Augmentation::cutout>(options, "cutout");
}

}  // namespace

void bind_options(nb::module_& module) {
  nb::class_<Options> options(module, "ConvertOptions",
                              "Every setting by the name that Python's convert() has for it.");
  options.def(nb::init<>())
      .def_rw("timesteps", &Options::timesteps)
      .def_rw("levels", &Options::levels)
      .def_rw("seed", &Options::seed)
      .def_rw("attribution_images", &Options::attribution_images)
      .def_rw("calibrated", &Options::calibrated, nb::arg().none())
      .def_rw("rate_matching", &Options::rate_matching, nb::arg().none())
      .def_rw("tune_distillation", &Options::tune_distillation, nb::arg().none())
      .def_prop_rw(
          "mode", [](const Options& o) { return std::string(name_of(o.mode)); },
          [](Options& o, const std::string& name) { o.mode = program::mode_named(name); });
  bind_calibration(options);
  bind_tuning(options);
  bind_common(options);
  nested<&Options::correction, &correction::BiasCorrectionOptions::rounds>(options, "correction_rounds");
  nested<&Options::correction, &correction::BiasCorrectionOptions::images>(options, "correction_images");
  nested<&Options::lower, &compiler::LowerOptions::weight_bits>(options, "weight_bits");
  nested<&Options::lower, &compiler::LowerOptions::input_bits>(options, "input_bits");
  nested<&Options::lower, &compiler::LowerOptions::input_absmax>(options, "input_absmax");
  nested<&Options::compute, &conversion::ComputeOptions::device>(options, "device");
  nested<&Options::compute, &conversion::ComputeOptions::threads>(options, "threads");
  nested<&Options::compute, &conversion::ComputeOptions::bf16>(options, "bf16");
}

}  // namespace neurocuda::python
