#include "passes/paths/path_walk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "neurocuda/base/error.hpp"
#include "neurocuda/ir/analysis.hpp"
#include "neurocuda/ir/branches.hpp"
#include "passes/batch_norm_factor.hpp"

namespace neurocuda::passes::paths {
namespace {

// Far beyond what a network has that somebody trained; small files may ask for more.
constexpr std::size_t kMostPaths = std::size_t{1} << 16, kMostParts = std::size_t{1} << 12;
constexpr std::int64_t kMostChannels = std::int64_t{1} << 20, kMostHeld = std::int64_t{1} << 28;

}  // namespace

PathWalk::PathWalk(const ir::Graph& graph, OnRefusal on_refusal)
    : graph_(graph),
      on_refusal_(std::move(on_refusal)),
      shapes_(ir::infer_shapes(graph)),
      readers_(graph.consumers()),
      currents_(graph.size()),
      writer_(graph.name) {
  for (const auto& readers : readers_) readers_left_.push_back(readers.size());
}

ir::Graph PathWalk::run() {
  for (id_ = 0; id_ < graph_.size(); ++id_) {
    try {
      step();
    } catch (const ir::BranchRefusal& refusal) {
      if (!on_refusal_) throw;
      on_refusal_(refusal.node, refusal.reason, refusal.remedy);
      currents_[id_] = refused();
    }
    forget_what_nobody_reads();
  }
  return writer_.take();
}

void PathWalk::step() {
  try {
    currents_[id_] = std::visit(*this, node().op);
    for (const Part& part : currents_[id_].parts) check_held(part);
    if (currents_[id_].parts.size() > kMostParts) throw TooLarge("puts too many values behind one another");
    held_ += weight_count(currents_[id_]);
  } catch (const TooLarge& error) {
    currents_[id_] = Current{};
    refuse(error.what(), "put a ReLU before it");
  }
}

void PathWalk::check_held(const Part& part) const {
  if (part.paths.size() > kMostPaths) throw TooLarge("adds up too many paths without an activation between");
  if (part.channels() > kMostChannels) throw TooLarge(fmt::format("has {} channels", part.channels()));
  if (held_ + weight_count(part) > kMostHeld)
    throw TooLarge("needs more than 2^28 weights, composed with what is before it");
}

/// Composed weights are large: they live as long as they are read.
void PathWalk::forget_what_nobody_reads() {
  for (const ir::NodeId input : node().inputs) {
    if (--readers_left_[input] > 0) continue;
    held_ -= weight_count(currents_[input]);
    currents_[input] = Current{};
  }
}

Current PathWalk::refused() const {
  Part part;
  part.shape = shape(id_);
  part.bias.resize(static_cast<std::size_t>(part.shape[0]));
  return {{std::move(part)}};
}

void PathWalk::refuse(std::string reason, std::string remedy) const {
  throw ir::BranchRefusal(graph_, id_, std::move(reason), std::move(remedy));
}

const Current& PathWalk::settled(std::size_t i) const {
  const Current& current = read(i);
  for (const Part& part : current.parts) {
    if (part.pools.empty()) continue;
    refuse(fmt::format("reads the max pool '{}' of currents, which is not linear", part.pools.back().name),
           fmt::format("put a ReLU before or behind '{}'", part.pools.back().name));
  }
  return current;
}

std::vector<double> PathWalk::bias_of(const std::optional<Tensor<float>>& bias, std::int64_t channels) const {
  if (!bias) return std::vector<double>(static_cast<std::size_t>(channels));
  return {bias->values().begin(), bias->values().end()};
}

Current PathWalk::operator()(const ir::Input& op) { return unchanged(writer_.input(node().name, op), op.shape); }

Current PathWalk::operator()(const ir::BatchNorm2d& op) {
  Current current = in_features(read());
  std::int64_t first = 0;
  for (Part& part : current.parts) {
    std::vector<double> factors, shifts;
    for (std::int64_t c = first; c < first + part.channels(); ++c) {
      const double factor = factor_of(op, c);
      factors.push_back(factor);
      shifts.push_back(op.beta[c] - op.mean[c] * factor);
    }
    first += part.channels();
    part = scaled(part, factors, shifts);
  }
  return current;
}

Current PathWalk::operator()(const ir::Add&) {
  Current a = in_features(settled(0)), b = in_features(settled(1));
  cut_alike(a, b);
  for (std::size_t i = 0; i < a.parts.size(); ++i) {
    Part& sum = a.parts[i];
    const Part& more = b.parts[i];
    if (sum.paths.empty() || more.paths.empty()) {
      sum.paths.clear();  // behind a refusal
      continue;
    }
    sum.paths.insert(sum.paths.end(), more.paths.begin(), more.paths.end());
    for (std::size_t c = 0; c < sum.bias.size(); ++c) sum.bias[c] += more.bias[c];
  }
  return a;
}

Current PathWalk::operator()(const ir::Concat&) {
  Current whole;
  bool all_flat = true;
  for (std::size_t i = 0; i < node().inputs.size(); ++i) all_flat = all_flat && read(i).flat;
  whole.flat = all_flat;
  for (std::size_t i = 0; i < node().inputs.size(); ++i) {
    for (const Part& part : read(i).parts) whole.parts.push_back(read(i).flat && !all_flat ? as_features(part) : part);
  }
  return whole;
}

Current PathWalk::operator()(const ir::Slice& op) {
  const Current current = in_features(read());
  return {slice(current, op.begin, op.count), current.flat};
}

Current PathWalk::in_features(Current current) const {
  if (!current.flat) return current;
  for (Part& part : current.parts) part = as_features(part);
  current.flat = false;
  return current;
}

Current PathWalk::operator()(const ir::Flatten&) {
  Current current = settled();
  current.flat = current.flat || shape(node().inputs[0]).size() == 3;
  return current;
}

namespace {

/// The activation of channels begin .. begin + count - 1.
Tensor<float> taken(const Tensor<float>& values, std::int64_t begin, std::int64_t count) {
  const auto from = values.values().begin() + begin;
  return {Shape{count}, std::vector<float>(from, from + count)};
}

/// The same of every row of (T', C).
Tensor<float> columns_taken(const Tensor<float>& table, std::int64_t begin, std::int64_t count) {
  if (table.empty()) return {};
  Tensor<float> columns({table.extent(0), count});
  for (std::int64_t i = 0; i < columns.size(); ++i) columns[i] = table[i / count * table.extent(1) + begin + i % count];
  return columns;
}

ir::Operator of_channels(const ir::Operator& activation, std::int64_t begin, std::int64_t count) {
  if (const auto* qcfs = std::get_if<ir::QCFS>(&activation))
    return ir::QCFS{taken(qcfs->lambda, begin, count), qcfs->levels};
  if (const auto* neurons = std::get_if<ir::IF>(&activation))
    return ir::IF{taken(neurons->theta, begin, count), taken(neurons->v0, begin, count),
                  columns_taken(neurons->bias_by_timestep, begin, count), neurons->is_signed};
  return activation;
}

}  // namespace

Current PathWalk::fire(const ir::Operator& activation) {
  // QCFS and IF have a value for every feature.
  Current current = std::holds_alternative<ir::ReLU>(activation) ? read() : in_features(read());
  std::int64_t first = 0;
  const bool one = current.parts.size() == 1;
  for (std::size_t i = 0; i < current.parts.size(); ++i) {
    Part& part = current.parts[i];
    const std::int64_t channels = part.channels();
    if (part.paths.empty()) {
      part = writer_.stand_in(node().name, part.shown());  // so that what reads it is judged too
    } else {
      const std::string name = one ? node().name : fmt::format("{}.{}", node().name, i);
      part = fired(name, of_channels(activation, first, channels), part);
    }
    first += channels;
  }
  return current;
}

bool PathWalk::read_by_weights(ir::NodeId id) const {
  std::vector<ir::NodeId> waiting = readers_[id];  // graphs from files may be arbitrarily deep
  while (!waiting.empty()) {
    const ir::NodeId reader = waiting.back();
    waiting.pop_back();
    const ir::Node& node = graph_.node(reader);
    const auto* conv = node.as<ir::Conv2d>();
    if (node.as<ir::Linear>() || (conv != nullptr && conv->groups == 1)) continue;
    const bool hands_on = node.as<ir::MaxPool2d>() || node.as<ir::AvgPool2d>() || node.as<ir::GlobalAvgPool>() ||
                          node.as<ir::Flatten>() || node.as<ir::Identity>() || node.as<ir::Dropout>();
    if (!hands_on) return false;
    waiting.insert(waiting.end(), readers_[reader].begin(), readers_[reader].end());
  }
  return true;
}

/// The layer of a part. Neurons of a channel that no weight and no bias ever drives (pruned filters, batch norms of
/// gamma 0) are left out where nobody needs their places: the value is then that of the others, spread over the
/// channels.
Part PathWalk::fired(const std::string& name, const ir::Operator& activation, const Part& part) {
  if (!std::holds_alternative<ir::ReLU>(activation) || !read_by_weights(id_))
    return writer_.layer(name, activation, part);
  std::vector<std::int64_t> alive = driven_channels(part);
  if (static_cast<std::int64_t>(alive.size()) == part.channels()) return writer_.layer(name, activation, part);
  if (alive.empty()) alive.push_back(0);
  left_out_ += part.channels() - static_cast<std::int64_t>(alive.size());
  Part result = writer_.layer(name, activation, selected(part, alive));
  result.paths[0].map = spread(result.paths[0].from, alive, part.channels());
  result.shape[0] = part.channels();
  result.bias.assign(static_cast<std::size_t>(part.channels()), 0.0);
  return result;
}

Current PathWalk::operator()(const ir::Output& op) {
  const Current& current = settled();
  const Shape& given = shape(node().inputs[0]);
  if (given.size() == 3 && given[1] * given[2] > 1) {
    refuse(fmt::format("gives a map {}, not one value for each class", to_string(given)),
           "put a global average pool or a Flatten and a Linear before it");
  }
  Current features;
  for (const Part& part : current.parts) features.parts.push_back(as_features(part));
  for (const Part& part : features.parts) {
    if (part.paths.empty()) return {};
  }
  writer_.output(node().name, op, merged(features));
  return {};
}

}  // namespace neurocuda::passes::paths
