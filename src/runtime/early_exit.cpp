#include "neurocuda/runtime/early_exit.hpp"

#include <algorithm>
#include <limits>
#include <optional>

#include "neurocuda/base/error.hpp"
#include "neurocuda/program/biases.hpp"
#include "neurocuda/program/node_traits.hpp"
#include "runtime/input_part.hpp"

namespace neurocuda::runtime {
namespace {

/// A row of (classes, inputs) weights, whatever holds them: the last layer has no positions.
std::span<const std::int8_t> row_of(const program::Connection& connection, std::int64_t c) {
  return std::visit(
      [&](const auto& any) {
        const std::int64_t width = any.weight.size() / any.weight.extent(0);
        return any.weight.values().subspan(static_cast<std::size_t>(c * width), static_cast<std::size_t>(width));
      },
      connection);
}

}  // namespace

std::int64_t first_class(std::span<const std::int32_t> accumulators) {
  return std::max_element(accumulators.begin(), accumulators.end()) - accumulators.begin();
}

double lead(std::span<const std::int32_t> accumulators, double scale) {
  const auto best = static_cast<std::size_t>(first_class(accumulators));
  std::int64_t second = std::numeric_limits<std::int64_t>::min();
  for (std::size_t c = 0; c < accumulators.size(); ++c) {
    if (c != best) second = std::max<std::int64_t>(second, accumulators[c]);
  }
  if (accumulators.size() < 2) return std::numeric_limits<double>::infinity();
  return static_cast<double>(accumulators[best] - second) * scale;
}

MarginExit::MarginExit(const program::Program& program, double margin)
    : scale_(program.output().scale), margin_(margin) {
  if (!(margin >= 0)) fail("early exit: a margin of {}; give 0 or more", margin);
}

bool MarginExit::stops(std::span<const std::int32_t> accumulators, int, int) const {
  return lead(accumulators, scale_) >= margin_;
}

/// By how much class c can gain on class b in one timestep without biases, for the classes b that were asked for.
struct ExactExit::Bounds {
  program::Accumulator output;
  std::vector<program::ValueRange> ranges;               ///< by group: of its source's values
  mutable std::vector<std::vector<std::int64_t>> gains;  ///< by b, then by c; empty until b leads somewhere

  const std::vector<std::int64_t>& gains_on(std::size_t b) const {
    std::vector<std::int64_t>& row = gains[b];
    if (!row.empty()) return row;
    row.assign(output.bias.size(), 0);
    for (std::size_t g = 0; g < output.groups.size(); ++g) {
      for (std::size_t c = 0; c < row.size(); ++c) row[c] += gain(output.groups[g], ranges[g], b, c);
    }
    return row;
  }

  static std::int64_t gain(const program::SynapseGroup& group, const program::ValueRange& range, std::size_t b,
                           std::size_t c) {
    if (const auto* diagonal = std::get_if<program::Diagonal>(&group.connection)) {
      return most(std::int64_t{diagonal->weight[static_cast<std::int64_t>(c)]} << group.shift[c], range) +
             most(-(std::int64_t{diagonal->weight[static_cast<std::int64_t>(b)]} << group.shift[b]), range);
    }
    const auto* conv = std::get_if<program::Conv>(&group.connection);
    const auto up = row_of(group.connection, static_cast<std::int64_t>(c));
    const auto down = row_of(group.connection, static_cast<std::int64_t>(b));
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < up.size(); ++i) {
      const std::int64_t plus = std::int64_t{up[i]} * (1 << group.shift[c]);
      const std::int64_t minus = std::int64_t{down[i]} * (1 << group.shift[b]);
      // The classes of a grouped convolution may read different values.
      sum += conv != nullptr && conv->groups > 1 ? most(plus, range) + most(-minus, range) : most(plus - minus, range);
    }
    return sum;
  }

  static std::int64_t most(std::int64_t weight, const program::ValueRange& range) {
    return std::max(weight * range.low, weight * range.high);
  }
};

ExactExit::ExactExit(const program::Program& program) : bounds_(std::make_unique<Bounds>()) {
  const std::vector<program::ValueRange> ranges = program::value_ranges(program);
  bounds_->output = program.output();
  for (const program::SynapseGroup& group : bounds_->output.groups) {
    program::ValueRange range = ranges[static_cast<std::size_t>(group.source)];
    range.low = std::min<std::int64_t>(range.low, 0);  // a window may read padding
    range.high = std::max<std::int64_t>(range.high, 0);
    bounds_->ranges.push_back(range);
  }
  bounds_->gains.resize(bounds_->output.bias.size());
}

ExactExit::~ExactExit() = default;

bool ExactExit::stops(std::span<const std::int32_t> accumulators, int done, int timesteps) const {
  const auto best = static_cast<std::size_t>(first_class(accumulators));
  const std::vector<std::int64_t>& gains = bounds_->gains_on(best);
  const program::Accumulator& output = bounds_->output;
  for (std::size_t c = 0; c < accumulators.size(); ++c) {
    if (c == best) continue;
    std::int64_t gained = gains[c] * (timesteps - done);
    for (int t = done; t < timesteps; ++t) {
      gained += program::bias_at(output, static_cast<std::int64_t>(c), t) -
                program::bias_at(output, static_cast<std::int64_t>(best), t);
    }
    const std::int64_t left = std::int64_t{accumulators[best]} - accumulators[c] - gained;
    if (left < 0 || (left == 0 && c < best)) return false;  // the smallest index wins ties
  }
  return true;
}

EarlyExit run_with_early_exit(const Executable& executable, const program::EncodedInput& input,
                              const RunOptions& options, const ExitRule& rule, int block) {
  const program::Program& program = executable.program();
  const int timesteps = resolve_timesteps(program, options);
  if (block < 1) fail("early exit: blocks of {} timesteps; give one or more", block);
  const std::int64_t images = input.shape().empty() ? 0 : input.extent(0);
  RunOptions settings = options;
  settings.wanted = {};
  const auto stream = executable.open(images, settings);
  EarlyExit exit{std::vector<std::int64_t>(static_cast<std::size_t>(images), 0),
                 std::vector<int>(static_cast<std::size_t>(images), 0)};
  std::int64_t running = images;
  while (running > 0) {
    const int first = stream->timesteps(), count = std::min(block, timesteps - first), done = first + count;
    const RunResult result = stream->advance(input_part(program, input, first, count), count);
    for (std::int64_t image = 0; image < images; ++image) {
      const auto i = static_cast<std::size_t>(image);
      const auto accumulators = result.accumulators(image, count - 1);
      if (exit.timesteps[i] > 0 || (done < timesteps && !rule.stops(accumulators, done, timesteps))) continue;
      exit.timesteps[i] = done;
      exit.classes[i] = first_class(accumulators);
      stream->stop(image);
      --running;
    }
  }
  return exit;
}

}  // namespace neurocuda::runtime
