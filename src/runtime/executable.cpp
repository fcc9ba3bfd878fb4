#include "neurocuda/runtime/executable.hpp"

#include <algorithm>

#include "neurocuda/program/bounds.hpp"

namespace neurocuda::runtime {
namespace {

/// The accumulators of one image after timestep t: (classes,).
std::span<const std::int32_t> accumulators_at(const RunResult& result, std::int64_t image, std::int64_t t) {
  const std::int64_t timesteps = result.accumulators.extent(1), classes = result.accumulators.extent(2);
  return result.accumulators.values().subspan(static_cast<std::size_t>((image * timesteps + t) * classes),
                                              static_cast<std::size_t>(classes));
}

void check_timestep(const RunResult& result, std::int64_t t) {
  const std::int64_t timesteps = result.accumulators.extent(1);
  if (t < 0 || t >= timesteps) fail("timestep {} is outside this run: choose one of 0..{}", t, timesteps - 1);
}

}  // namespace

std::vector<std::int64_t> predictions(const RunResult& result, std::int64_t t) {
  check_timestep(result, t);
  std::vector<std::int64_t> classes;
  for (std::int64_t image = 0; image < result.accumulators.extent(0); ++image) {
    const auto values = accumulators_at(result, image, t);
    classes.push_back(std::max_element(values.begin(), values.end()) - values.begin());
  }
  return classes;
}

Tensor<float> logits(const program::Program& program, const RunResult& result, std::int64_t t) {
  check_timestep(result, t);
  const double scale = program.output().scale / static_cast<double>(t + 1);
  Tensor<float> out({result.accumulators.extent(0), result.accumulators.extent(2)});
  std::int64_t i = 0;
  for (std::int64_t image = 0; image < out.extent(0); ++image) {
    for (const std::int32_t value : accumulators_at(result, image, t)) out[i++] = static_cast<float>(value * scale);
  }
  return out;
}

int resolve_timesteps(const program::Program& program, const RunOptions& options) {
  const int timesteps = options.timesteps == 0 ? program.timesteps : options.timesteps;
  program::require_runnable(program, timesteps, options.mode == Mode::exact);
  return timesteps;
}

}  // namespace neurocuda::runtime
