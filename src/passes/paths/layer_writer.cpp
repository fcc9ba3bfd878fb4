#include "passes/paths/layer_writer.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "neurocuda/base/error.hpp"
#include "neurocuda/base/overloaded.hpp"
#include "neurocuda/ir/analysis.hpp"
#include "neurocuda/ir/parameters.hpp"
#include "passes/only_used.hpp"

namespace neurocuda::passes::paths {
namespace {

constexpr std::size_t kMostNodes = std::size_t{1} << 18;
constexpr std::int64_t kMostWeights = std::int64_t{1} << 29;

Tensor<float> rounded(const Tensor<double>& tensor) {
  const auto values = tensor.values();
  return {tensor.shape(), std::vector<float>(values.begin(), values.end())};
}

/// What makes one pool of a value another one.
std::string pool_key(ir::NodeId base, const ir::Operator& pool) {
  const auto window = [](const Window& w) {
    return fmt::format("{} {} {} {} {}", to_string(w.kernel), to_string(w.stride), to_string(w.padding),
                       to_string(w.dilation), w.ceil_mode);
  };
  const std::string how =
      std::visit(Overloaded{[&](const ir::AvgPool2d& op) { return window(op.window); },
                            [&](const ir::MaxPool2d& op) {
                              return fmt::format("{} minima {}", window(op.window), fmt::join(op.takes_minimum, ""));
                            },
                            [](const auto&) { return std::string(); }},
                 pool);
  return fmt::format("{} {} {}", base, operator_name(pool), how);
}

}  // namespace

ir::NodeId LayerWriter::add(const std::string& name, ir::Operator op, std::vector<ir::NodeId> inputs) {
  weights_ += ir::parameter_count(op);
  if (graph_.size() >= kMostNodes || weights_ > kMostWeights)
    throw TooLarge(
        "makes the network too large: what lies between activations is composed for each layer that reads it");
  return graph_.add(graph_.unique_name(name), std::move(op), std::move(inputs));
}

const Shape& LayerWriter::shape(ir::NodeId id) {
  ir::infer_more_shapes(graph_, shapes_);
  return shapes_[id];
}

ir::Graph LayerWriter::take() const { return only_used(graph_); }

ir::NodeId LayerWriter::input(const std::string& name, const ir::Input& input) { return add(name, input, {}); }

ir::NodeId LayerWriter::flattened(ir::NodeId base) {
  if (shape(base).size() == 1) return base;
  const auto found = flattened_.find(base);
  if (found != flattened_.end()) return found->second;
  return flattened_[base] = add(graph_.node(base).name + ".flatten", ir::Flatten{}, {base});
}

ir::NodeId LayerWriter::pooled(ir::NodeId base, const ir::Operator& pool, const std::string& name) {
  const std::string key = pool_key(base, pool);
  const auto found = pools_.find(key);
  if (found != pools_.end()) return found->second;
  const ir::NodeId id = pools_[key] = add(name, pool, {base});
  if (std::holds_alternative<ir::MaxPool2d>(pool) && spikes(base)) spikes_.insert(id);
  return id;
}

ir::NodeId LayerWriter::connection(const std::string& layer, const Path& path, std::optional<Tensor<float>> bias) {
  const std::string name = path.name.empty() ? layer + ".scale" : path.name;
  return std::visit(
      Overloaded{
          [&](const Unchanged&) { return path.base; },
          [&](const ConvMap& conv) {
            return add(name, ir::Conv2d{rounded(conv.weight), std::move(bias), conv.window, conv.groups}, {path.base});
          },
          [&](const Matrix& matrix) {
            return add(name, ir::Linear{rounded(matrix.weight), std::move(bias)}, {flattened(path.base)});
          }},
      path.map);
}

ir::NodeId LayerWriter::current(const std::string& layer, const Part& part) {
  std::vector<Path> paths = part.paths;
  ensure(!paths.empty(), "a layer has a path into it");
  const auto with_weights = [](Path& path) {
    if (std::holds_alternative<Unchanged>(path.map))
      path.map = scaling(path.from, std::vector<double>(static_cast<std::size_t>(path.from[0]), 1.0));
  };
  for (Path& path : paths) {
    if (is_input(path.base)) with_weights(path);  // its grid is folded into weights
  }
  std::size_t holder = 0;  // of the bias
  while (holder < paths.size() && std::holds_alternative<Unchanged>(paths[holder].map)) ++holder;
  if (holder == paths.size() && part.has_bias()) with_weights(paths[holder = 0]);
  std::optional<ir::NodeId> sum;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    std::optional<Tensor<float>> bias;
    if (i == holder && part.has_bias())
      bias = Tensor<float>({part.channels()}, std::vector<float>(part.bias.begin(), part.bias.end()));
    const ir::NodeId id = connection(layer, paths[i], std::move(bias));
    sum = sum ? add(layer + ".sum", ir::Add{}, {*sum, id}) : id;
  }
  return *sum;
}

Part LayerWriter::layer(const std::string& name, const ir::Operator& activation, const Part& part) {
  const ir::NodeId sum = current(name, part);
  ir::NodeId id = add(name, activation, {sum});
  spikes_.insert(id);
  for (const WaitingPool& pool : part.pools) id = pooled(id, pool.pool, pool.name);
  return unchanged(id, shape(id)).parts[0];
}

Part LayerWriter::stand_in(const std::string& name, const Shape& shape) {
  const ir::NodeId id = add(name, ir::Input{shape, {}}, {});
  spikes_.insert(id);
  return unchanged(id, shape).parts[0];
}

void LayerWriter::output(const std::string& name, const ir::Output& op, const Part& part) {
  const ir::NodeId sum = current(name, part);
  graph_.add(graph_.unique_name(name), op, {sum});
}

}  // namespace neurocuda::passes::paths
