#include "cli/page/raster_chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "cli/page/names.hpp"
#include "cli/page/svg.hpp"

namespace neurocuda::cli::page {
namespace {

constexpr double kWidth = 640, kTop = 8, kBottom = 48, kRight = 12, kRowHeight = 3, kGap = 10;
/// More would be thinner than a pixel.
constexpr std::int64_t kMostTimesteps = 128;

/// Up to `limit` neurons, evenly spaced.
std::vector<std::int64_t> sampled_neurons(std::int64_t neurons, std::int64_t limit) {
  const std::int64_t count = std::min(neurons, limit);
  std::vector<std::int64_t> chosen;
  for (std::int64_t i = 0; i < count; ++i) chosen.push_back(i * neurons / count);
  return chosen;
}

/// One path for all spikes of a layer keeps the page small: a tick of a row's height for each.
std::string spike_path(const runtime::LayerRecord& layer, std::int64_t image, const std::vector<std::int64_t>& neurons,
                       double left, double top, double step) {
  std::string commands;
  for (std::size_t row = 0; row < neurons.size(); ++row) {
    for (std::int64_t t = 0; t < std::min(layer.timesteps, kMostTimesteps); ++t) {
      if (!layer.spike(image, t, neurons[row])) continue;
      commands += fmt::format("M{:.1f} {:.1f}h{:.1f}v{:.1f}h-{:.1f}z", left + step * (static_cast<double>(t) + 0.2),
                              top + kRowHeight * static_cast<double>(row), step * 0.6, kRowHeight - 0.6, step * 0.6);
    }
  }
  return commands;
}

std::vector<std::string> layer_names(const program::Program& program, const runtime::SpikeRecord& record) {
  std::vector<std::string> names;
  for (const auto& layer : record.layers) names.push_back(program.nodes[static_cast<std::size_t>(layer.node)].name);
  return names;
}

double raster_height(const runtime::SpikeRecord& record, std::int64_t limit) {
  double height = kTop;
  for (const auto& layer : record.layers) {
    height += kRowHeight * static_cast<double>(std::min(layer.neurons, limit)) + kGap;
  }
  return height;
}

void draw_time_axis(Svg& svg, std::int64_t timesteps, double left, double step, double bottom) {
  svg.line({left, bottom, kWidth - kRight, bottom}, "axis");
  const std::int64_t every = std::max<std::int64_t>(1, timesteps / 16);
  for (std::int64_t t = 0; t < timesteps; t += every) {
    svg.text(left + step * (static_cast<double>(t) + 0.5), bottom + 18, std::to_string(t), "label", Anchor::middle);
  }
  svg.text((left + kWidth - kRight) / 2, bottom + 38, "timestep t", "axis-title", Anchor::middle);
}

}  // namespace

std::string spike_raster(const program::Program& program, const runtime::SpikeRecord& record, std::int64_t image,
                         std::int64_t neurons_per_layer) {
  ensure(!record.layers.empty(), "spike raster: the record has no layers");
  const std::int64_t timesteps = std::min(record.layers.front().timesteps, kMostTimesteps);
  const double bottom = raster_height(record, neurons_per_layer);
  const std::vector<std::string> names = layer_names(program, record);
  const double left = name_width(names);
  const double step = (kWidth - kRight - left) / static_cast<double>(timesteps);
  Svg svg(kWidth, bottom + kBottom, "Spike raster of one image: layers from top to bottom, timesteps to the right");
  constexpr std::string_view kLayerColours[] = {kBlue, kVermilion};  // neighbours differ
  double y = kTop;
  for (std::size_t i = 0; i < record.layers.size(); ++i) {
    const auto& layer = record.layers[i];
    const auto neurons = sampled_neurons(layer.neurons, neurons_per_layer);
    const double height = kRowHeight * static_cast<double>(neurons.size());
    svg.box({left, y, kWidth - kRight - left, height}, "#f3f4f6");
    svg.path(spike_path(layer, image, neurons, left, y, step), kLayerColours[i % 2], true);
    svg.text(left - 8, y + height / 2 + 4, fitted(names[i], left), "label", Anchor::end);
    y += height + kGap;
  }
  draw_time_axis(svg, timesteps, left, step, bottom);
  return svg.to_string();
}

}  // namespace neurocuda::cli::page
