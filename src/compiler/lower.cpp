#include <optional>
#include <utility>

#include "compiler/lower_layer.hpp"
#include "compiler/lower_pool.hpp"
#include "compiler/names.hpp"
#include "neurocuda/base/version.hpp"
#include "neurocuda/compiler/compiler.hpp"
#include "neurocuda/ir/analysis.hpp"
#include "neurocuda/ir/branches.hpp"

namespace neurocuda::compiler {
namespace {

using program::NodeIndex;

void check_options(const LowerOptions& options) {
  if (options.timesteps < 1 || options.timesteps > program::kMaxTimesteps) {
    fail("{} timesteps: the number must be 1..{}", options.timesteps, program::kMaxTimesteps);
  }
  if (options.weight_bits < 2 || options.weight_bits > 8)
    fail("{} weight bits: they must be 2..8", options.weight_bits);
  if (options.input_bits < 2 || options.input_bits > 8) fail("{} input bits: they must be 2..8", options.input_bits);
}

/// Walks the graph front to back. IF nodes become layers when they are met; pools when the first branch reads them, so
/// that each stands once however many read it.
class Lowering {
 public:
  Lowering(const ir::Graph& graph, const LowerOptions& options)
      : graph_(graph),
        wiring_(graph),
        options_(options),
        shapes_(ir::infer_shapes(graph)),
        names_(graph),
        index_(graph.size()) {}

  Lowered run() {
    lowered_.program.name = graph_.name;
    lowered_.program.timesteps = options_.timesteps;
    lowered_.program.made_by = fmt::format("neurocuda {}", version());
    add_input();
    for (ir::NodeId id = 0; id < graph_.size(); ++id) {
      const ir::Node& node = graph_.node(id);
      if (node.as<ir::IF>() || node.as<ir::Output>()) {
        add_layer(id);
      } else if (ir::is_activation(node)) {
        fail<ConversionError>("{}: does not spike; run substitute_qcfs and substitute_if first", ir::label(node));
      }
    }
    return std::move(lowered_);
  }

 private:
  NodeIndex append(program::Node node) {
    lowered_.program.nodes.push_back(std::move(node));
    return static_cast<NodeIndex>(lowered_.program.nodes.size() - 1);
  }

  void add_input() {
    const ir::NodeId id = graph_.input();
    const ir::Input& input = graph_.input_operator();
    program::InputNode node;
    if (input.spike_train) node.encoding = program::InputEncoding::spike_train;
    node.bits = options_.input_bits;
    node.scale = input_scales(input, options_);
    node.mean = input.normalization.mean;
    node.stddev = input.normalization.stddev;
    index_[id] = append({names_.claim(graph_.node(id).name), input.shape, std::move(node)});
  }

  void add_layer(ir::NodeId id) {
    const ir::Node& node = graph_.node(id);
    std::string name = names_.claim(node.name);
    std::vector<PreparedBranch> branches;
    for (const ir::Branch& branch : ir::branches(wiring_, id)) branches.push_back(prepare(branch));
    LayerRounding rounding{name, {}};
    program::NodeKind kind;
    if (const auto* neurons = node.as<ir::IF>()) {
      kind = lower_if(*neurons, branches, options_.weight_bits, rounding.channels);
    } else {
      kind = lower_output(*node.as<ir::Output>(), program::channels(shapes_[id]), branches, options_.weight_bits,
                          rounding.channels);
    }
    index_[id] = append({std::move(name), shapes_[id], std::move(kind)});
    lowered_.rounding.push_back(std::move(rounding));
  }

  PreparedBranch prepare(const ir::Branch& branch) {
    const NodeIndex source = value_index(branch.value);
    const Shape& shape = lowered_.program.nodes[static_cast<std::size_t>(source)].shape;
    return {names_.claim(graph_.node(branch.connection).name), source,
            BranchWeights(graph_, branch, shape, units(branch.source))};
  }

  Units units(ir::NodeId source) const {
    if (const auto* neurons = graph_.node(source).as<ir::IF>()) {
      return {neurons->theta.values().begin(), neurons->theta.values().end()};
    }
    return lowered_.program.input().scale;
  }

  /// The Program node that holds a value, once it is known to lie behind a source by pools and reshapes only.
  NodeIndex value_index(ir::NodeId id) {
    std::vector<ir::NodeId> path;
    for (; !index_[id]; id = graph_.node(id).inputs[0]) path.push_back(id);
    NodeIndex index = *index_[id];
    for (; !path.empty(); path.pop_back()) {
      index = add_value(path.back(), index);
      index_[path.back()] = index;
    }
    return index;
  }

  NodeIndex add_value(ir::NodeId id, NodeIndex source) {
    const ir::Node& node = graph_.node(id);
    const Shape& source_shape = lowered_.program.nodes[static_cast<std::size_t>(source)].shape;
    auto pool = lower_pool(node, source, source_shape);
    if (!pool) return source;  // Flatten, Identity, Dropout: the same values in the same order
    return append({names_.claim(node.name), shapes_[id], std::move(*pool)});
  }

  const ir::Graph& graph_;
  ir::Wiring wiring_;
  const LowerOptions& options_;
  std::vector<Shape> shapes_;
  Names names_;
  std::vector<std::optional<NodeIndex>> index_;  ///< by graph node: where its value stands in the Program
  Lowered lowered_;
};

void prove(Lowered& lowered) {
  lowered.bounds = program::prove_bounds(lowered.program, lowered.program.timesteps);
  if (lowered.bounds.fits_int32) return;
  fail<ConversionError>(
      "layer '{}': its membrane could leave int32 within {} timesteps; use fewer timesteps, or train with smaller "
      "biases and weights against its threshold",
      lowered.bounds.first_beyond_int32, lowered.program.timesteps);
}

}  // namespace

Lowered lower(const ir::Graph& if_graph, const LowerOptions& options) {
  check_options(options);
  ir::validate(if_graph);
  Lowered lowered = Lowering(if_graph, options).run();
  program::validate(lowered.program);
  prove(lowered);
  return lowered;
}

}  // namespace neurocuda::compiler
