#include "neurocuda/runtime/run_result.hpp"

#include <algorithm>
#include <utility>

#include "neurocuda/base/error.hpp"
#include "neurocuda/program/node_traits.hpp"

namespace neurocuda::runtime {
namespace {

SpikeRecord make_record(const program::Program& program, std::int64_t images, int timesteps, Recording recording) {
  SpikeRecord record;
  for (std::size_t i = 0; i < program.nodes.size(); ++i) {
    if (!program::has_neurons(program.nodes[i])) continue;
    record.layers.emplace_back(static_cast<program::NodeIndex>(i), images, timesteps,
                               element_count(program.nodes[i].shape), recording == Recording::spikes_and_membranes,
                               program::sends_signs(program.nodes[i]));
  }
  return record;
}

}  // namespace

Activity no_activity(const program::Program& program, std::int64_t timesteps) {
  const Shape shape{static_cast<std::int64_t>(program.nodes.size()), timesteps};
  return {Tensor<std::int64_t>(shape), Tensor<std::int64_t>(shape)};
}

RunResult::RunResult(const program::Program& program, std::int64_t images, int timesteps, const Wanted& wanted,
                     int first_timestep)
    : wanted_(wanted),
      timesteps_(timesteps),
      first_timestep_(first_timestep),
      accumulators_({images, wanted.by_timestep ? timesteps : 1, element_count(program.nodes.back().shape)}) {
  if (wanted.counts) activity_ = no_activity(program, timesteps);
  if (wanted.recording != Recording::none) record_ = make_record(program, images, timesteps, wanted.recording);
}

void RunResult::require_timestep(std::int64_t t) const {
  if (t < 0 || t >= timesteps_) fail("timestep {} is outside this run: choose one of 0..{}", t, timesteps_ - 1);
  if (wanted_.by_timestep || t == timesteps_ - 1) return;
  fail("this run kept only the result after its last timestep, {}, not after timestep {}: run with by_timestep",
       timesteps_ - 1, t);
}

std::span<const std::int32_t> RunResult::accumulators(std::int64_t image, std::int64_t t) const {
  require_timestep(t);
  const std::int64_t row = wanted_.by_timestep ? image * timesteps_ + t : image;
  return accumulators_.values().subspan(static_cast<std::size_t>(row * classes()), static_cast<std::size_t>(classes()));
}

Tensor<std::int32_t> RunResult::accumulators() const {
  Tensor<std::int32_t> last({images(), classes()});
  auto to = last.values().begin();
  for (std::int64_t image = 0; image < images(); ++image) {
    const auto from = accumulators(image, timesteps_ - 1);
    to = std::copy(from.begin(), from.end(), to);
  }
  return last;
}

const Tensor<std::int32_t>& RunResult::accumulators_by_timestep() const {
  if (!wanted_.by_timestep) fail("this run kept only the result after its last timestep: run with by_timestep");
  return accumulators_;
}

const Activity& RunResult::activity() const {
  if (!activity_) fail("this run did not count spikes and synaptic operations: run with counts");
  return *activity_;
}

const SpikeRecord& RunResult::record() const {
  if (!record_) fail("this run recorded nothing: run with a record of spikes or membranes");
  return *record_;
}

Tensor<std::int32_t>& RunResult::accumulators_by_timestep() {
  return const_cast<Tensor<std::int32_t>&>(std::as_const(*this).accumulators_by_timestep());
}
Activity& RunResult::activity() { return const_cast<Activity&>(std::as_const(*this).activity()); }
SpikeRecord& RunResult::record() { return const_cast<SpikeRecord&>(std::as_const(*this).record()); }

std::vector<std::int64_t> predictions(const RunResult& result, std::int64_t t) {
  result.require_timestep(t);
  std::vector<std::int64_t> classes;
  for (std::int64_t image = 0; image < result.images(); ++image) {
    const auto values = result.accumulators(image, t);
    classes.push_back(std::max_element(values.begin(), values.end()) - values.begin());
  }
  return classes;
}

std::vector<std::int64_t> predictions(const RunResult& result) { return predictions(result, result.timesteps() - 1); }

Tensor<float> logits(const program::Program& program, const RunResult& result, std::int64_t t) {
  result.require_timestep(t);
  const double scale = program.output().scale / static_cast<double>(result.first_timestep() + t + 1);
  Tensor<float> out({result.images(), result.classes()});
  std::int64_t i = 0;
  for (std::int64_t image = 0; image < out.extent(0); ++image) {
    for (const std::int32_t value : result.accumulators(image, t)) out[i++] = static_cast<float>(value * scale);
  }
  return out;
}

Tensor<float> logits(const program::Program& program, const RunResult& result) {
  return logits(program, result, result.timesteps() - 1);
}

}  // namespace neurocuda::runtime
