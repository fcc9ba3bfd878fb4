#include "cli/json_report.hpp"

#include "neurocuda/base/file.hpp"
#include "neurocuda/ir/analysis.hpp"

namespace neurocuda::cli {

Json layer_json(const metrics::LayerStatistics& layer) {
  return {{"layer", layer.layer},
          {"neurons", layer.neurons},
          {"sparsity", layer.sparsity},
          {"spikes_per_image", layer.spikes_per_image},
          {"synops_per_image", layer.synops_per_image},
          {"dense_macs_per_image", layer.dense_macs_per_image}};
}

Json evaluation_json(const metrics::Evaluation& evaluation) {
  Json layers = Json::array();
  for (const auto& layer : evaluation.layers) layers.push_back(layer_json(layer));
  return {{"accuracy", evaluation.accuracy},
          {"cross_entropy", evaluation.cross_entropy},
          {"correct", evaluation.correct},
          {"images", evaluation.images},
          {"timesteps", evaluation.timesteps},
          {"target", evaluation.target},
          {"isa", evaluation.isa},
          {"mode", evaluation.mode},
          {"data", evaluation.data},
          {"sparsity", evaluation.sparsity},
          {"spikes_per_image", evaluation.spikes_per_image},
          {"synops_per_image", evaluation.synops_per_image},
          {"dense_macs_per_image", evaluation.dense_macs_per_image},
          {"input_macs_per_image", evaluation.input_macs_per_image},
          {"images_per_second", evaluation.images_per_second},
          {"layers", std::move(layers)}};
}

Json ann_evaluation_json(const conversion::FloatEvaluation& evaluation, const ir::Graph& ann, const std::string& data,
                         const std::string& target) {
  return {{"accuracy", evaluation.accuracy},
          {"correct", evaluation.correct},
          {"images", evaluation.images},
          {"target", target},
          {"isa", "float32"},
          {"data", data},
          {"dense_macs_per_image", ir::dense_macs(ann)},
          {"images_per_second", evaluation.images_per_second}};
}

Json divergence_json(const verify::Divergence& divergence) {
  return {{"target", divergence.target},     {"layer", divergence.layer},       {"image", divergence.image},
          {"timestep", divergence.timestep}, {"neuron", divergence.neuron},     {"position", divergence.position},
          {"quantity", divergence.quantity}, {"expected", divergence.expected}, {"actual", divergence.actual}};
}

Json verification_json(const verify::Verification& verification) {
  return {{"targets", verification.targets},
          {"images", verification.images},
          {"timesteps", verification.timesteps},
          {"spikes_compared", verification.spikes_compared},
          {"membranes_compared", verification.membranes_compared},
          {"accumulators_compared", verification.accumulators_compared},
          {"deviations", verification.deviations},
          {"first_deviation",
           verification.first_deviation ? divergence_json(*verification.first_deviation) : Json(nullptr)},
          {"passed", verification.passed()}};
}

Json epochs_json(const std::vector<conversion::EpochStatistics>& epochs) {
  Json list = Json::array();
  for (const auto& epoch : epochs) {
    list.push_back({{"epoch", epoch.epoch},
                    {"loss", epoch.loss},
                    {"train_accuracy", epoch.train_accuracy},
                    {"learning_rate", epoch.learning_rate},
                    {"seconds", epoch.seconds}});
  }
  return list;
}

Json bounds_json(const program::Bounds& bounds, const program::Program& program) {
  Json nodes = Json::array();
  for (const auto& node : bounds.nodes) {
    nodes.push_back({{"node", program.nodes.at(static_cast<std::size_t>(node.node)).name},
                     {"max_current", node.max_current},
                     {"max_membrane", node.max_membrane},
                     {"worst_channel", node.worst_channel}});
  }
  return {{"timesteps", bounds.timesteps},
          {"fits_int32", bounds.fits_int32},
          {"exact_in_float32", bounds.exact_in_float32},
          {"first_beyond_float32", bounds.first_beyond_float32},
          {"nodes", std::move(nodes)}};
}

Json rounding_json(const std::vector<compiler::LayerRounding>& rounding) {
  Json list = Json::array();
  for (const auto& layer : rounding) {
    list.push_back({{"layer", layer.layer},
                    {"channels", layer.channels.size()},
                    {"worst_weight_error", layer.worst_weight_error()},
                    {"worst_theta_error", layer.worst_theta_error()}});
  }
  return list;
}

Json attribution_json(const std::vector<conversion::LayerAttribution>& layers) {
  Json list = Json::array();
  for (const auto& layer : layers) {
    list.push_back({{"layer", layer.layer},
                    {"training", layer.training},
                    {"clipping", layer.clipping},
                    {"quantisation", layer.quantisation},
                    {"unevenness", layer.unevenness},
                    {"rounding", layer.rounding}});
  }
  if (layers.empty()) return {{"layers", list}};
  const auto culprit = conversion::largest_error(layers);
  return {{"layers", list}, {"largest", culprit.part}, {"error", culprit.error}, {"remedy", culprit.remedy}};
}

Json correction_json(const correction::BiasCorrection& correction) {
  return {{"rounds", correction.rate_error.size() - 1},
          {"chosen_round", correction.chosen_round},
          {"held_out_accuracy", correction.held_out_accuracy},
          {"rate_error", correction.rate_error}};
}

Json conversion_json(const conversion::Conversion& conversion, const std::string& mode) {
  Json stages = Json::array();
  Json document = {{"timesteps", conversion.lowered.program.timesteps}, {"levels", conversion.levels}, {"mode", mode}};
  for (const auto& stage : conversion.stages) {
    const Json accuracy = stage.accuracy ? Json(*stage.accuracy) : Json(nullptr);
    stages.push_back(
        {{"name", stage.name}, {"accuracy", accuracy}, {"seconds", stage.seconds}, {"epochs", stage.epochs}});
    document[stage.name + "_accuracy"] = accuracy;
  }
  document["stages"] = std::move(stages);
  document["epochs"] = conversion.epochs.size();
  document["chosen_epoch"] = conversion.chosen_epoch;
  document["held_out_accuracy"] = conversion.held_out_accuracy;
  document["start_handicap"] = conversion.start_handicap;
  document["epoch_statistics"] = epochs_json(conversion.epochs);
  if (conversion.tuning) {
    const auto& tuning = *conversion.tuning;
    document["tuning"] = {{"epochs", tuning.epochs.size()},
                          {"chosen_epoch", tuning.chosen_epoch},
                          {"held_out_accuracy", tuning.held_out_accuracy},
                          {"start_handicap", tuning.start_handicap},
                          {"micro_batch", tuning.micro_batch},
                          {"predicted_bytes", tuning.predicted_bytes},
                          {"epoch_statistics", epochs_json(tuning.epochs)}};
  }
  if (conversion.correction) document["correction"] = correction_json(*conversion.correction);
  document["attribution"] = attribution_json(conversion.attribution);
  document["bounds"] = bounds_json(conversion.lowered.bounds, conversion.lowered.program);
  document["rounding"] = rounding_json(conversion.lowered.rounding);
  document["evaluation"] = conversion.evaluation ? evaluation_json(*conversion.evaluation) : Json(nullptr);
  return document;
}

const char* verdict_name(passes::Verdict verdict) {
  switch (verdict) {
    case passes::Verdict::exact:
      return "exact";
    case passes::Verdict::approximate:
      return "approximate";
    case passes::Verdict::refused:
      return "refused";
  }
  return "unknown";
}

Json findings_json(const std::vector<passes::Finding>& findings) {
  Json list = Json::array();
  for (const auto& finding : findings) {
    list.push_back({{"node", finding.node},
                    {"operator", finding.op},
                    {"verdict", verdict_name(finding.verdict)},
                    {"reason", finding.reason},
                    {"remedy", finding.remedy}});
  }
  return list;
}

void write_json(const std::string& path, const Json& document) {
  if (path.empty()) return;
  // Names come from files of others: bytes that are not UTF-8 are replaced, never a reason to lose the answer.
  write_file(path, document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

}  // namespace neurocuda::cli
