#include "cli/page/demo_report.hpp"

#include <fmt/format.h>

#include "cli/page/html.hpp"
#include "cli/page/line_chart.hpp"
#include "cli/page/picture.hpp"
#include "cli/page/sections.hpp"
#include "cli/page/svg.hpp"
#include "cli/table.hpp"
#include "cli/text_report.hpp"
#include "neurocuda/ir/analysis.hpp"

namespace neurocuda::cli::page {
namespace {

std::string summary(const Demo& demo) {
  const auto& shown = demo.shown().evaluations.back();
  return cards({card(percent(demo.ann_evaluation.accuracy), "ANN test accuracy"),
                card(percent(shown.accuracy), fmt::format("integer SNN, T = {}", shown.timesteps)),
                card(percent(shown.sparsity), fmt::format("sparsity, T = {}", shown.timesteps)),
                card(grouped(demo.deviations()),
                     fmt::format("deviations over {} neuron-timesteps", grouped(demo.neuron_timesteps())),
                     demo.deviations() == 0)});
}

double stage_percent(const conversion::Conversion& conversion, const std::string& name) {
  for (const auto& stage : conversion.stages) {
    if (stage.name == name && stage.accuracy) return 100 * *stage.accuracy;
  }
  return 0;
}

std::string accuracy_section(const Demo& demo) {
  LineChart chart{"Test accuracy over the number of timesteps", "timesteps T", "accuracy, %", {}, {}};
  Series ann{"ANN", std::string(kGrey), {}, true, false};
  Series integer{"IF, integer", std::string(kBlue), {}, false, true};
  for (const auto& run : demo.runs) {
    chart.categories.push_back(std::to_string(run.timesteps));
    ann.values.push_back(100 * demo.ann_evaluation.accuracy);
    integer.values.push_back(100 * run.evaluations.back().accuracy);
  }
  chart.series = {ann, integer};
  return section("Accuracy over timesteps",
                 fmt::format("{}, {} images. Every point is a conversion of its own for that T.", demo.data.test.name,
                             demo.data.test.size()),
                 to_svg(chart));
}

std::string stage_section(const Demo& demo) {
  std::vector<std::string> header = {"stage"};
  for (const auto& run : demo.runs) header.push_back(fmt::format("T = {}", run.timesteps));
  std::vector<std::vector<std::string>> rows;
  for (const auto& stage : demo.shown().conversion.stages) {
    std::vector<std::string> row = {stage_title(stage.name)};
    for (const auto& run : demo.runs) row.push_back(fmt::format("{:.2f}", stage_percent(run.conversion, stage.name)));
    rows.push_back(std::move(row));
  }
  std::vector<std::string> seconds = {"seconds, all stages"};
  for (const auto& run : demo.runs) {
    seconds.push_back(fmt::format("{:.1f}", run.conversion.seconds));
  }
  rows.push_back(std::move(seconds));
  return section("Stages of the conversion",
                 "Test accuracy in percent after every stage, so that a loss has an address.",
                 html_table("Accuracy after each stage, by the T converted for", header, rows));
}

std::string spikes_section(const Demo& demo) {
  const DemoRaster& raster = demo.raster;
  const std::string picture =
      fmt::format("<figure class=\"pixels\">\n{}</figure>\n",
                  image_tag(raster.pixels, fmt::format("Test image {}, a {}", raster.image, raster.label)));
  return raster_section(
      demo.shown().conversion.lowered.program, raster.record,
      fmt::format("Test image {}: a {}, recognised as {}.", raster.image, raster.label, raster.prediction), picture);
}

std::string fault_sentence(const DemoFault& fault) {
  const auto& first = fault.verification.first_deviation;
  return fmt::format("A weight changed by {} (weight {} of layer {}, channel {}) was {}{}", fault.fault.delta,
                     fault.fault.weight, fault.fault.layer, fault.channel, fault.caught() ? "caught. " : "not caught. ",
                     first ? "First deviation: " + first->to_string() + "." : "");
}

std::string verification_section(const Demo& demo) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& run : demo.runs) {
    const auto& verification = run.verification;
    rows.push_back({std::to_string(run.timesteps), std::to_string(verification.images),
                    grouped(verification.spikes_compared), grouped(verification.membranes_compared),
                    grouped(verification.deviations)});
  }
  const bool good = demo.deviations() == 0 && demo.fault.caught();
  const std::string table = html_table("Scalar reference against the cpu target, every spike and every membrane value",
                                       {"T", "images", "spikes compared", "membranes compared", "deviations"}, rows);
  return section(
      "Verification",
      fmt::format("At T = {} the cpu target ran the network as it was read back from snn.nir.", kShownTimesteps),
      fmt::format("{}<div class=\"card {}\" style=\"margin-top:14px\">{}</div>\n", table, good ? "good" : "bad",
                  escape(fault_sentence(demo.fault))));
}

std::string command_section(const DemoOptions& options) {
  const std::string snn = escape(options.snn_path().string()), ann = escape(options.ann_path().string());
  const std::string commands = fmt::format(
      "<p><code>neurocuda eval {0} --data digits --target reference</code><br>\n"
      "<code>neurocuda verify {0} --data digits --targets reference,cpu</code><br>\n"
      "<code>neurocuda convert {1} --data digits -T 16 -o snn.nir</code></p>\n",
      snn, ann);
  return section("Try it yourself", "The files beside this page are ordinary ONNX and NIR files.", commands);
}

}  // namespace

std::string demo_report(const Demo& demo, const DemoOptions& options) {
  const auto& program = demo.shown().conversion.lowered.program;
  const auto& shown = demo.shown().evaluations.back();
  std::string body = "<h1>NeuroCUDA demo</h1>\n";
  body += fmt::format(
      "<p>A residual network ({} parameters) trained on {} handwritten digits, converted to {} integrate-and-fire "
      "neurons with int8 "
      "weights, and compared spike for spike on two targets.</p>\n",
      grouped(ir::parameter_count(demo.ann.graph)), grouped(demo.data.train.size()),
      grouped(program::neuron_count(program)));
  body += summary(demo) + accuracy_section(demo) + stage_section(demo) + sparsity_section(shown) +
          operations_section(shown) + spikes_section(demo) + verification_section(demo) + command_section(options);
  return page("NeuroCUDA demo", body);
}

}  // namespace neurocuda::cli::page
