#include "cli/text_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "cli/out.hpp"
#include "cli/table.hpp"
#include "neurocuda/program/node_traits.hpp"

namespace neurocuda::cli {

std::string describe_neurons(const program::Program& program) {
  const bool are_signed = program::neurons_of(program) == program::NeuronKind::signed_;
  return fmt::format("{} {}integrate-and-fire neurons", grouped(program::neuron_count(program)),
                     are_signed ? "signed " : "");
}

void print_evaluation(const metrics::Evaluation& evaluation) {
  out::print("{} on {} ({}), T = {}, {}{}\n", evaluation.data, evaluation.target, evaluation.isa, evaluation.timesteps,
             evaluation.mode, evaluation.neuron == "signed" ? ", signed neurons" : "");
  if (std::isnan(evaluation.accuracy)) {
    out::print("  accuracy              not known, there are no labels for the {} images\n", evaluation.images);
  } else {
    out::print("  accuracy              {} ({} of {})\n", percent(evaluation.accuracy), evaluation.correct,
               evaluation.images);
  }
  out::print("  latency               {} timesteps{}\n", evaluation.latency_timesteps,
             evaluation.latency_timesteps > evaluation.timesteps
                 ? fmt::format(", {} a layer: the price of the exact mode's accuracy", evaluation.timesteps)
                 : "");
  out::print("  sparsity              {}\n", percent(evaluation.sparsity));
  out::print("  spikes per image      {}\n", with_unit_prefix(evaluation.spikes_per_image));
  out::print("  synaptic operations   {} per image ({} dense MACs in the ANN)\n",
             with_unit_prefix(evaluation.synops_per_image), with_unit_prefix(evaluation.dense_macs_per_image));
  out::print("  constant input        {} MACs per image, once\n", with_unit_prefix(evaluation.input_macs_per_image));
  out::print("  speed                 {} images/s\n", with_unit_prefix(evaluation.images_per_second));
}

void print_answers(const Answers& answers) {
  constexpr std::size_t kMostShown = 20;
  std::string text;
  for (std::size_t c = 0; c < std::min(answers.counts.size(), kMostShown); ++c) {
    const std::string name = c < answers.names.size() ? answers.names[c] : fmt::format("class {}", c);
    text += fmt::format("{}{} {}", c == 0 ? "" : ", ", name, answers.counts[c]);
  }
  out::print("  answers               {}{}\n", text, answers.counts.size() > kMostShown ? ", ..." : "");
}

void print_layers(const metrics::Evaluation& evaluation) {
  Table table({"layer", "neurons", "sparsity", "spikes/image", "synops/image"});
  for (const auto& layer : evaluation.layers) {
    table.add({layer.layer, grouped(layer.neurons), layer.neurons > 0 ? percent(layer.sparsity) : "-",
               with_unit_prefix(layer.spikes_per_image), with_unit_prefix(layer.synops_per_image)});
  }
  out::print("\n{}", table.to_string());
}

void print_evaluations(const std::vector<metrics::Evaluation>& evaluations, const std::vector<double>& agreement) {
  std::vector<std::string> head{"T", "accuracy", "sparsity", "spikes/image", "synops/image", "images/s"};
  if (!agreement.empty()) head.insert(head.begin() + 2, "agreement");
  Table table(head);
  for (std::size_t i = 0; i < evaluations.size(); ++i) {
    const metrics::Evaluation& evaluation = evaluations[i];
    std::vector<std::string> row{std::to_string(evaluation.timesteps),
                                 percent(evaluation.accuracy),
                                 percent(evaluation.sparsity),
                                 with_unit_prefix(evaluation.spikes_per_image),
                                 with_unit_prefix(evaluation.synops_per_image),
                                 with_unit_prefix(evaluation.images_per_second)};
    if (!agreement.empty()) row.insert(row.begin() + 2, percent(agreement[i]));
    table.add(row);
  }
  out::print("{}", table.to_string());
}

void print_verification(const verify::Verification& verification) {
  out::print("{}: {} images, T = {}\n", fmt::join(verification.targets, " = "), verification.images,
             verification.timesteps);
  out::print("  compared    {} spikes, {} membranes, {} accumulators\n", grouped(verification.spikes_compared),
             grouped(verification.membranes_compared), grouped(verification.accumulators_compared));
  out::print("  deviations  {}\n", grouped(verification.deviations));
  if (verification.first_deviation) out::print("  first       {}\n", verification.first_deviation->to_string());
}

std::string stage_title(const std::string& stage) {
  static const std::map<std::string, std::string> kTitles = {
      {"ann", "ANN (ReLU)"},     {"folded", "batch norms folded"}, {"fitted", "spiking, fitted"},
      {"qcfs", "QCFS, trained"}, {"qcfs_fitted", "QCFS, spiking"}, {"tuned", "spiking, fine-tuned"}};
  const auto found = kTitles.find(stage);
  return found == kTitles.end() ? stage : found->second;
}

void print_stages(const conversion::Conversion& conversion) {
  Table table({"stage", "accuracy", "agreement", "seconds", "epochs"});
  for (const auto& stage : conversion.stages) {
    table.add({stage_title(stage.name), stage.accuracy ? percent(*stage.accuracy) : "-",
               stage.agreement ? percent(*stage.agreement) : "-", fmt::format("{:.1f}", stage.seconds),
               stage.epochs > 0 ? std::to_string(stage.epochs) : "-"});
  }
  out::print("{}", table.to_string());
}

void print_attribution(const conversion::Attribution& attribution) {
  const auto& layers = attribution.layers;
  if (layers.empty()) return;
  Table table({"layer", "clipping", "quantisation", "unevenness", "rounding"});
  for (const auto& layer : layers) {
    table.add({layer.layer, percent(layer.clipping), percent(layer.quantisation), percent(layer.unevenness),
               percent(layer.rounding)});
  }
  const auto culprit = conversion::largest_error(layers);
  out::print("rate errors against the ANN (root mean square, of the full rate)\n{}", table.to_string());
  out::print("largest: {} ({}); what helps: {}\n\n", culprit.part, percent(culprit.error), culprit.remedy);
}

void print_bounds(const program::Bounds& bounds) {
  Table table({"node", "max |current|", "max |membrane|", "worst channel"});
  for (const auto& node : bounds.nodes) {
    table.add({node.name, grouped(node.max_current), grouped(node.max_membrane), std::to_string(node.worst_channel)});
  }
  out::print("{}", table.to_string());
}

void print_bounds_summary(const program::Bounds& bounds) {
  out::print("bounds at T = {}: int32 {}, float32 {}\n", bounds.timesteps,
             bounds.fits_int32 ? "never overflows" : "CAN OVERFLOW",
             bounds.exact_in_float32
                 ? "is exact (every sum stays below 2^24)"
                 : fmt::format("is not proven exact (beyond 2^24: {})", bounds.first_beyond_float32));
}

void print_rounding_summary(const std::vector<compiler::LayerRounding>& rounding) {
  const compiler::LayerRounding* worst = nullptr;
  double theta_error = 0;
  for (const auto& layer : rounding) {
    theta_error = std::max(theta_error, layer.worst_theta_error());
    if (!worst || layer.worst_weight_error() > worst->worst_weight_error()) worst = &layer;
  }
  if (!worst) return;
  out::print("rounding: weights at most {} in any channel (layer {}), thresholds at most {}\n",
             percent(worst->worst_weight_error()), worst->layer, percent(theta_error));
}

void print_epochs(const std::vector<training::EpochStatistics>& epochs) {
  for (const auto& epoch : epochs) {
    out::print("epoch {:3d}  loss {:.4f}  training accuracy {}  learning rate {:.4f}  {:.1f} s\n", epoch.epoch,
               epoch.loss, percent(epoch.train_accuracy), epoch.learning_rate, epoch.seconds);
  }
}

}  // namespace neurocuda::cli
