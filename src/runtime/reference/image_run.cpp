#include "runtime/reference/image_run.hpp"

#include <algorithm>

#include "neurocuda/program/biases.hpp"
#include "runtime/reference/neurons.hpp"

namespace neurocuda::runtime::reference {

using program::Accumulator;
using program::IfLayer;
using program::InputEncoding;
using program::InputNode;
using program::OrPool;
using program::SumPool;

State::State(const program::Program& program) : sums(program.nodes.size()), pooled(program.nodes.size()) {
  for (const program::Node& node : program.nodes) membranes.push_back(initial_state(node));
}

ImageRun::ImageRun(const program::Program& program, const std::vector<program::Signal>& signals, const ImageTask& task,
                   State& state)
    : program_(program), signals_(signals), task_(task), state_(state) {
  const std::size_t kept = task.mode == Mode::exact ? static_cast<std::size_t>(task.timesteps) : 1;
  values_.assign(program.nodes.size(), std::vector<Values>(kept));
}

void ImageRun::run_synchronous() {
  for (std::int64_t t = 0; t < task_.timesteps; ++t) {
    for (std::size_t i = 0; i < program_.nodes.size(); ++i) {
      std::visit([&](const auto& kind) { step(static_cast<Index>(i), t, kind); }, program_.nodes[i].kind);
    }
  }
}

void ImageRun::run_exact() {
  for (std::size_t i = 0; i < program_.nodes.size(); ++i) {
    std::visit([&](const auto& kind) { run_exact(static_cast<Index>(i), kind); }, program_.nodes[i].kind);
  }
}

/// Accumulate, then fire.
void ImageRun::run_exact(Index node, const IfLayer& layer) {
  for (std::int64_t t = 0; t < task_.timesteps; ++t)
    integrate(program::biases_at(layer, task_.first_timestep + t), shape(node), current(node, t), membrane(node));
  for (std::int64_t t = 0; t < task_.timesteps; ++t) fire_and_record(node, t, layer);
}

void ImageRun::step(Index node, std::int64_t t, const InputNode& input) {
  const std::int64_t pixels = element_count(shape(node));
  const std::int8_t* image = task_.input + (input.encoding == InputEncoding::constant_current ? 0 : t * pixels);
  values(node, t).assign(image, image + pixels);
}

void ImageRun::step(Index node, std::int64_t t, const IfLayer& layer) {
  integrate(program::biases_at(layer, task_.first_timestep + t), shape(node), current(node, t), membrane(node));
  fire_and_record(node, t, layer);
}

void ImageRun::step(Index node, std::int64_t t, const SumPool& pool) {
  values(node, t) = sum_pool(pool.window, shape(pool.source), shape(node), values(pool.source, t));
}

void ImageRun::step(Index node, std::int64_t t, const OrPool& pool) {
  const Values& spikes = values(pool.source, t);
  values(node, t) = pool.rule == program::MaxPoolRule::maximum_of_counts
                        ? max_pool_of_counts(pool, shape(pool.source), shape(node), spikes,
                                             state_.pooled[static_cast<std::size_t>(node)])
                        : or_pool(pool.window, shape(pool.source), shape(node), spikes);
}

void ImageRun::step(Index node, std::int64_t t, const Accumulator& output) {
  integrate(program::biases_at(output, task_.first_timestep + t), shape(node), current(node, t), membrane(node));
  std::int32_t* wanted = task_.accumulators_at(t, element_count(shape(node)));
  if (wanted != nullptr) std::copy(membrane(node).begin(), membrane(node).end(), wanted);
}

Values ImageRun::current(Index node, std::int64_t t) {
  Values sum(static_cast<std::size_t>(element_count(shape(node))), 0);
  for (const program::SynapseGroup& group : program::groups_of(program_.nodes[static_cast<std::size_t>(node)])) {
    const std::int64_t operations = deliver(group, shape(group.source), shape(node), values(group.source, t), sum);
    const bool constant = signals_[static_cast<std::size_t>(group.source)] == program::Signal::constant;
    if (!constant) task_.count_operations(node, t, operations);
  }
  return sum;
}

void ImageRun::fire_and_record(Index node, std::int64_t t, const IfLayer& layer) {
  Values& spikes = values(node, t);
  spikes = fire(layer, shape(node), membrane(node), state_.sums[static_cast<std::size_t>(node)]);
  if (task_.counts()) {
    task_.count_spikes(node, t, static_cast<std::int64_t>(spikes.size()) - std::count(spikes.begin(), spikes.end(), 0));
  }
  LayerRecord* record = task_.record(node);
  if (record == nullptr) return;
  const auto write = [&](std::uint64_t* row, const auto& is_set) {
    for (std::size_t i = 0; i < spikes.size(); ++i) row[i / 64] |= std::uint64_t{is_set(spikes[i])} << (i % 64);
  };
  write(record->row(task_.image, t), [](std::int32_t spike) { return spike != 0; });
  if (record->is_signed()) write(record->negative_row(task_.image, t), [](std::int32_t spike) { return spike < 0; });
  if (!record->membranes.empty()) {
    std::copy(membrane(node).begin(), membrane(node).end(), record->membrane_row(task_.image, t));
  }
}

const Shape& ImageRun::shape(Index node) const { return program_.nodes[static_cast<std::size_t>(node)].shape; }

Values& ImageRun::values(Index node, std::int64_t t) {
  return values_[static_cast<std::size_t>(node)][task_.mode == Mode::exact ? static_cast<std::size_t>(t) : 0];
}

}  // namespace neurocuda::runtime::reference
