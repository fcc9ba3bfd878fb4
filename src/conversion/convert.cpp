#include "neurocuda/conversion/convert.hpp"

#include "conversion/pipeline.hpp"
#include "conversion/stage_options.hpp"
#include "neurocuda/base/error.hpp"
#include "neurocuda/data/at_most.hpp"
#include "neurocuda/ir/analysis.hpp"
#include "neurocuda/ir/contains.hpp"
#include "neurocuda/network/data_fit.hpp"
#include "neurocuda/network/evaluate.hpp"
#include "neurocuda/passes/passes.hpp"

namespace neurocuda::conversion {
namespace {

/// L of a network that was trained with QCFS.
std::optional<std::int64_t> levels_of(const ir::Graph& graph) {
  for (const ir::Node& node : graph.nodes()) {
    if (const auto* qcfs = node.as<ir::QCFS>()) return qcfs->levels;
  }
  return std::nullopt;
}

/// What `given` must be to stand for the calibration of `ann`.
void require_calibrated(const ir::Graph& given, const ir::Graph& ann) {
  if (!ir::contains<ir::QCFS>(given) || ir::contains<ir::ReLU>(given))
    fail("'{}': has no calibrated thresholds (QCFS); give the network that an earlier conversion saved", given.name);
  const auto shapes = [](const ir::Graph& graph) {
    return std::pair(graph.input_operator().shape, ir::infer_shapes(graph)[graph.output()]);
  };
  if (shapes(given) == shapes(ann)) return;
  const auto text = [&](const ir::Graph& graph) {
    const auto [input, output] = shapes(graph);
    return fmt::format("{} to {}", to_string(input), to_string(output));
  };
  fail("'{}': maps {}, the ANN '{}' {}; give the network that was calibrated for this ANN", given.name, text(given),
       ann.name, text(ann));
}

/// The ANN's own answers may choose among epochs, but as if they were true labels they must not teach.
void require_no_true_labels(const data::Dataset& images, const Settings& settings) {
  const bool teaches = settings.epochs > 0 || (settings.tune == FineTuning::bptt && settings.tune_epochs > 0);
  if (images.labelled() || !teaches || settings.label_weight == 0) return;
  throw SettingError("label_weight", fmt::format("{}", settings.label_weight),
                     fmt::format("{} has no labels to teach with; set it to 0, so that the ANN alone teaches, or give "
                                 "labelled images",
                                 images.name));
}

}  // namespace

Conversion convert(const ir::Graph& ann, const data::Dataset& calibration, const data::Dataset* evaluation,
                   const ConvertOptions& options, Progress& progress) {
  settings::validate(options.settings);
  network::require_fit(ann, calibration);
  if (evaluation) network::require_fit(ann, *evaluation);
  passes::require_convertible(ann);
  if (options.calibrated) {
    require_calibrated(*options.calibrated, ann);
    passes::require_convertible(*options.calibrated);
  }
  const data::Dataset drawn = data::at_most(calibration, options.settings.calibration_images, options.settings.seed);
  Settings settings = resolve(options.settings, drawn, options.calibrated.has_value());
  if (const auto own = levels_of(options.calibrated ? *options.calibrated : ann)) settings.levels = own;
  require_no_true_labels(drawn, settings);
  std::optional<data::Dataset> taught, measured;  // with the ANN's answers, where there are no labels
  const network::ComputeOptions compute = compute_of(settings);
  if (!drawn.labelled() && trains(settings, options.calibrated.has_value()))
    taught = network::labelled_by(ann, drawn, compute, progress);
  if (evaluation && !evaluation->labelled()) measured = network::labelled_by(ann, *evaluation, compute, progress);
  Pipeline pipeline(taught ? *taught : drawn, measured ? &*measured : evaluation, options, settings, progress);
  Conversion conversion = pipeline.run(ann);
  conversion.calibration_labels = taught ? Labels::ann : Labels::given;
  conversion.evaluation_labels = measured ? Labels::ann : Labels::given;
  return conversion;
}

}  // namespace neurocuda::conversion
