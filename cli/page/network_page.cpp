#include "cli/page/network_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cli/page/html.hpp"
#include "cli/page/line_chart.hpp"
#include "cli/page/picture.hpp"
#include "cli/page/sections.hpp"
#include "cli/page/svg.hpp"
#include "cli/table.hpp"
#include "cli/text_report.hpp"

namespace neurocuda::cli::page {
namespace {

bool labelled(const metrics::Evaluation& evaluation) { return !std::isnan(evaluation.accuracy); }

std::string summary(const NetworkFacts& facts) {
  std::vector<std::string> each;
  if (facts.ann_accuracy && !std::isnan(*facts.ann_accuracy))
    each.push_back(card(percent(*facts.ann_accuracy), "ANN accuracy"));
  if (facts.evaluations.empty()) return cards(each);
  const auto& shown = facts.evaluations.back();
  if (labelled(shown))
    each.push_back(card(percent(shown.accuracy), fmt::format("integer SNN, T = {}", shown.timesteps)));
  if (!facts.agreement.empty())
    each.push_back(
        card(percent(facts.agreement.back()), fmt::format("same answer as the ANN, T = {}", shown.timesteps)));
  each.push_back(card(percent(shown.sparsity), fmt::format("sparsity, T = {}", shown.timesteps)));
  each.push_back(
      card(with_unit_prefix(shown.synops_per_image),
           fmt::format("synaptic operations per image; ANN {} MACs", with_unit_prefix(shown.dense_macs_per_image))));
  return cards(each);
}

/// Accuracy where there are labels, agreement with the ANN where there is one; at least one of them is there.
std::string timesteps_section(const NetworkFacts& facts) {
  if (facts.evaluations.empty()) return "";
  const bool accuracy = labelled(facts.evaluations.front());
  if (!accuracy && facts.agreement.empty()) return "";
  LineChart chart{
      "Accuracy over the number of timesteps", "timesteps T", accuracy ? "accuracy, %" : "agreement, %", {}, {}};
  Series ann{"ANN", std::string(kGrey), {}, true, false};
  Series snn{"SNN, integer", std::string(kBlue), {}, false, true};
  Series same{"same answer as the ANN", std::string(kGreen), {}, false, !accuracy};
  for (std::size_t i = 0; i < facts.evaluations.size(); ++i) {
    chart.categories.push_back(std::to_string(facts.evaluations[i].timesteps));
    if (facts.ann_accuracy) ann.values.push_back(100 * *facts.ann_accuracy);
    snn.values.push_back(100 * facts.evaluations[i].accuracy);
    if (!facts.agreement.empty()) same.values.push_back(100 * facts.agreement[i]);
  }
  if (accuracy && facts.ann_accuracy) chart.series.push_back(ann);
  if (!facts.agreement.empty()) chart.series.push_back(same);
  if (accuracy) chart.series.push_back(snn);
  return section(accuracy ? "Accuracy over timesteps" : "Agreement over timesteps",
                 fmt::format("{}, {} images.", facts.data, facts.images), to_svg(chart));
}

std::string modes_section(const NetworkFacts& facts) {
  if (facts.modes.empty()) return "";
  std::vector<std::vector<std::string>> rows;
  for (const auto& [evaluation, agreement] : facts.modes) {
    rows.push_back({evaluation.mode, labelled(evaluation) ? percent(evaluation.accuracy) : "-",
                    agreement ? percent(*agreement) : "-", std::to_string(evaluation.latency_timesteps),
                    percent(evaluation.sparsity), with_unit_prefix(evaluation.synops_per_image)});
  }
  return section(
      "The two modes",
      fmt::format("Synchronous: spikes go on within the timestep. Exact: a layer waits for all T = {}, then fires; "
                  "what is gained in accuracy costs that latency in every layer. A network does best in the mode that "
                  "it was converted for (convert --mode).",
                  facts.modes[0].evaluation.timesteps),
      html_table("The network in both modes",
                 {"mode", "accuracy", "agreement", "latency, timesteps", "sparsity", "synops/image"}, rows));
}

std::string seeds_section(const NetworkFacts& facts) {
  if (facts.seeds.empty()) return "";
  std::vector<std::vector<std::string>> rows;
  for (const auto& seed : facts.seeds) {
    rows.push_back({std::to_string(seed.timesteps), percent(seed.mean), fmt::format("{:.2f}", 100 * seed.deviation),
                    percent(seed.sparsity), with_unit_prefix(seed.synops_per_image)});
  }
  return section(
      "Over the seeds", "Each seed is a conversion of its own; the charts show the first.",
      html_table("Mean and standard deviation", {"T", "accuracy", "+- points", "sparsity", "synops/image"}, rows));
}

std::string stages_section(const NetworkFacts& facts) {
  if (!facts.conversion) return "";
  std::vector<std::vector<std::string>> rows;
  std::optional<double> before;
  for (const auto& stage : facts.conversion->stages) {
    const bool known = stage.accuracy && !std::isnan(*stage.accuracy);
    const std::string change = known && before ? fmt::format("{:+.2f}", 100 * (*stage.accuracy - *before)) : "";
    rows.push_back({stage_title(stage.name), known ? percent(*stage.accuracy) : "-",
                    stage.agreement ? percent(*stage.agreement) : "-", change, fmt::format("{:.1f}", stage.seconds),
                    stage.epochs > 0 ? std::to_string(stage.epochs) : "-"});
    if (known) before = stage.accuracy;
  }
  return section(
      "Stages of the conversion", "What each stage of the conversion did, and what it cost.",
      html_table("Accuracy after each stage", {"stage", "accuracy", "agreement", "change", "seconds", "epochs"}, rows));
}

std::string sample_figure(const Sample& sample) {
  const std::string what = fmt::format("image {}", sample.image);
  std::string answers;
  const auto line = [&](const char* who, const std::optional<std::string>& answer) {
    if (!answer) return;
    const bool right = !sample.label || *answer == *sample.label;
    answers += fmt::format("<br>{} <b class=\"{}\">{}</b>", who, right ? "right" : "wrong", escape(*answer));
  };
  if (sample.label) answers += fmt::format("<br>label <b>{}</b>", escape(*sample.label));
  line("ANN", sample.ann);
  line("SNN", sample.snn);
  return fmt::format("<figure class=\"{}\">{}<figcaption>{}{}</figcaption></figure>\n",
                     sample.same() ? "sample" : "sample differs",
                     sample.pixels.empty() ? "" : image_tag(sample.pixels, what), what, answers);
}

std::string samples_section(const NetworkFacts& facts) {
  if (facts.samples.empty()) return "";
  std::string figures = "<div class=\"samples\">\n";
  for (const Sample& sample : facts.samples) figures += sample_figure(sample);
  return section("Sample images",
                 facts.samples.front().ann && facts.samples.front().snn
                     ? "The first images of the split, then some where the two networks answer differently (framed)."
                     : "The first images of the split.",
                 figures + "</div>\n");
}

std::string spikes_section(const NetworkFacts& facts) {
  if (!facts.record || !facts.program || facts.samples.empty()) return "";
  const Sample& first = facts.samples.front();
  std::string intro = fmt::format("Image {} of {}", first.image, facts.data);
  if (first.label) intro += fmt::format(", label {}", *first.label);
  if (first.snn) intro += fmt::format(", recognised as {}", *first.snn);
  return raster_section(*facts.program, *facts.record, intro + ".", "");
}

std::string notices_section(const NetworkFacts& facts) {
  if (facts.notices.empty()) return "";
  std::string list = "<ul>\n";
  for (const std::string& notice : facts.notices) list += fmt::format("<li>{}</li>\n", escape(notice));
  return section("What was assumed", "", list + "</ul>\n");
}

std::string commands_section(const NetworkFacts& facts) {
  if (facts.commands.empty()) return "";
  std::string lines;
  for (const std::string& command : facts.commands) lines += fmt::format("<code>{}</code><br>\n", escape(command));
  return section("To go on", "", "<p class=\"commands\">" + lines + "</p>\n");
}

}  // namespace

std::string network_page(const NetworkFacts& facts) {
  std::string body = fmt::format("<h1>{}</h1>\n<p>{}</p>\n", escape(facts.title), escape(facts.intro));
  body += summary(facts) + notices_section(facts) + timesteps_section(facts) + modes_section(facts) +
          seeds_section(facts) + stages_section(facts);
  if (facts.conversion) body += attribution_section(facts.conversion->attribution);
  if (!facts.evaluations.empty())
    body += sparsity_section(facts.evaluations.back()) + operations_section(facts.evaluations.back());
  body += samples_section(facts) + spikes_section(facts) + commands_section(facts);
  return page(facts.title, body);
}

}  // namespace neurocuda::cli::page
