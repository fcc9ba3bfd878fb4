#include "correction/channel_rates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "neurocuda/program/encode.hpp"
#include "neurocuda/program/node_traits.hpp"

namespace neurocuda::correction {
namespace {

/// Bits begin..end-1 of a row of words that are set.
std::int64_t count_bits(const std::uint64_t* row, std::int64_t begin, std::int64_t end) {
  std::int64_t count = 0;
  while (begin < end) {
    const std::int64_t offset = begin & 63, taken = std::min<std::int64_t>(64 - offset, end - begin);
    const std::uint64_t mask = taken == 64 ? ~std::uint64_t{0} : ((std::uint64_t{1} << taken) - 1) << offset;
    count += std::popcount(row[begin >> 6] & mask);
    begin += taken;
  }
  return count;
}

void add_counts(const runtime::LayerRecord& layer, std::vector<double>& counts) {
  const std::int64_t plane = layer.neurons / static_cast<std::int64_t>(counts.size());
  for (std::int64_t image = 0; image < layer.images; ++image) {
    for (std::int64_t t = 0; t < layer.timesteps; ++t) {
      const std::uint64_t* row = layer.row(image, t);
      for (std::size_t c = 0; c < counts.size(); ++c) {
        const std::int64_t begin = static_cast<std::int64_t>(c) * plane;
        counts[c] += static_cast<double>(count_bits(row, begin, begin + plane));
      }
    }
  }
}

}  // namespace

ChannelRates channel_rates(const runtime::Executable& executable, const data::Dataset& dataset, std::int64_t batch_size,
                           runtime::RunOptions options, Progress& progress) {
  const program::Program& program = executable.program();
  const program::InputNode& input = program.input();
  options.wanted = {.recording = runtime::Recording::spikes};
  ChannelRates rates;
  std::vector<double> neurons_and_steps;  // of a channel, per image
  for (const program::Node& node : program.nodes) {
    if (!program::has_neurons(node)) continue;
    rates.emplace_back(static_cast<std::size_t>(program::channels(node.shape)), 0.0);
    neurons_and_steps.push_back(static_cast<double>(program::plane(node.shape)) *
                                runtime::resolve_timesteps(program, options));
  }
  progress.start(fmt::format("firing rates, {}", program::name_of(options.mode)), dataset.size());
  for (std::int64_t begin = 0; begin < dataset.size(); begin += batch_size) {
    const std::int64_t end = std::min(dataset.size(), begin + batch_size);
    const auto images =
        data::normalized_for(program.nodes.front().shape, dataset, begin, end, input.mean, input.stddev);
    const auto result = executable.run(program::encode(program, images.view()), options);
    for (std::size_t i = 0; i < rates.size(); ++i) add_counts(result.record().layers.at(i), rates[i]);
    progress.advance(end - begin);
  }
  progress.finish();
  for (std::size_t i = 0; i < rates.size(); ++i) {
    for (double& rate : rates[i]) rate /= neurons_and_steps[i] * static_cast<double>(dataset.size());
  }
  return rates;
}

double root_mean_square_difference(const ChannelRates& a, const ChannelRates& b) {
  double squares = 0, count = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t c = 0; c < a[i].size(); ++c, ++count) squares += (a[i][c] - b[i][c]) * (a[i][c] - b[i][c]);
  }
  return count > 0 ? std::sqrt(squares / count) : 0.0;
}

}  // namespace neurocuda::correction
