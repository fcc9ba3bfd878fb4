#include "cli/page/sections.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/page/bar_chart.hpp"
#include "cli/page/html.hpp"
#include "cli/page/raster_chart.hpp"
#include "cli/page/svg.hpp"
#include "cli/table.hpp"

namespace neurocuda::cli::page {
namespace {

constexpr std::int64_t kRasterNeurons = 40;

}  // namespace

std::string card(const std::string& figure, const std::string& meaning, bool good) {
  return fmt::format("<div class=\"card {}\"><b>{}</b>{}</div>\n", good ? "good" : "bad", escape(figure),
                     escape(meaning));
}

std::string cards(const std::vector<std::string>& each) {
  std::string html = "<div class=\"cards\">\n";
  for (const std::string& one : each) html += one;
  return html + "</div>\n";
}

std::string sparsity_section(const metrics::Evaluation& evaluation) {
  BarChart chart{"Sparsity of every layer",
                 fmt::format("sparsity at T = {}, % of neuron-timesteps without a spike", evaluation.timesteps),
                 std::string(kBlue),
                 {}};
  for (const auto& layer : evaluation.layers) {
    if (layer.neurons == 0) continue;  // pools and the output do not fire
    chart.bars.push_back({layer.layer, 100 * layer.sparsity, fmt::format("{:.1f}", 100 * layer.sparsity),
                          fmt::format("{}: {} neurons, {} spikes per image", layer.layer, layer.neurons,
                                      with_unit_prefix(layer.spikes_per_image))});
  }
  if (chart.bars.empty()) return "";
  return section("Sparsity by layer",
                 fmt::format("{} of all neuron-timesteps have no spike: {} spikes per image.",
                             percent(evaluation.sparsity), with_unit_prefix(evaluation.spikes_per_image)),
                 to_svg(chart));
}

std::string operations_section(const metrics::Evaluation& evaluation) {
  BarChart chart{"Synaptic operations of every layer",
                 fmt::format("synaptic operations per image at T = {}", evaluation.timesteps),
                 std::string(kGreen),
                 {}};
  chart.highest = 0;
  for (const auto& layer : evaluation.layers) {
    chart.highest = std::max(chart.highest, layer.synops_per_image);
    chart.bars.push_back({layer.layer, layer.synops_per_image, with_unit_prefix(layer.synops_per_image),
                          fmt::format("{}: {} of {} possible", layer.layer, with_unit_prefix(layer.synops_per_image),
                                      with_unit_prefix(layer.dense_synops_per_image))});
  }
  if (chart.highest == 0) return "";
  return section(
      "Operations by layer",
      fmt::format("{} synaptic operations (additions) per image, against {} multiply-accumulates in the ANN; the "
                  "constant input costs {} more, once.",
                  with_unit_prefix(evaluation.synops_per_image), with_unit_prefix(evaluation.dense_macs_per_image),
                  with_unit_prefix(evaluation.input_macs_per_image)),
      to_svg(chart));
}

std::string attribution_section(const conversion::Attribution& attribution) {
  if (attribution.layers.empty()) return "";
  std::vector<std::vector<std::string>> rows;
  for (const auto& layer : attribution.layers) {
    rows.push_back({layer.layer, percent(layer.clipping), percent(layer.quantisation), percent(layer.unevenness),
                    percent(layer.rounding)});
  }
  const auto culprit = conversion::largest_error(attribution.layers);
  return section(
      "Where the loss is",
      fmt::format(
          "How far each layer's firing rates are from the ANN's activations, by cause (root mean square, of the "
          "full rate). The largest is {} ({}); what helps: {}.",
          culprit.part, percent(culprit.error), culprit.remedy),
      html_table("Rate errors by layer", {"layer", "clipping", "quantisation", "unevenness", "rounding"}, rows));
}

std::string raster_section(const program::Program& program, const runtime::SpikeRecord& record,
                           const std::string& intro, const std::string& picture) {
  return section(
      "Spikes of one image",
      fmt::format("{} Up to {} neurons of each layer, evenly spaced; every mark is one spike.", intro, kRasterNeurons),
      picture + spike_raster(program, record, 0, kRasterNeurons));
}

}  // namespace neurocuda::cli::page
