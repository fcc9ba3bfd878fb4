#include <map>

#include "neurocuda/base/error.hpp"
#include "neurocuda/program/node_traits.hpp"
#include "nir/names.hpp"
#include "nir/native/arrays.hpp"
#include "nir/native/native.hpp"
#include "nir/native/neuron_writer.hpp"
#include "nir/native/schema.hpp"
#include "nir/native/settings_text.hpp"
#include "nir/native/synapse_writer.hpp"

namespace neurocuda::nir::native {
namespace {

using program::Program;

Tree& own(Node& node) { return node.metadata.branches[key::space]; }

class Builder {
 public:
  Builder(const Program& program, std::string_view origin) : program_(program), origin_(origin) {}

  Graph build() {
    describe_program();
    for (std::size_t i = 0; i < program_.nodes.size(); ++i) add_node(i);
    return std::move(graph_);
  }

 private:
  Array text(const std::string& name) const {
    if (!is_storable_text(name)) fail("{}: the name '{}' is not UTF-8 text; rename that node", origin_, name.c_str());
    return Array::scalar(name);
  }

  void describe_program() {
    auto& leaves = graph_.metadata.branches[key::space].leaves;
    leaves[key::format_version] = Array::scalar(kFormatVersion);
    leaves[key::profile] = Array::scalar(std::string(value::native));
    leaves[key::name] = text(program_.name);
    leaves[key::timesteps] = Array::scalar(std::int64_t{program_.timesteps});
    leaves[key::reset] = Array::scalar(std::string(value::subtract));
    leaves[key::comparator] = Array::scalar(std::string(value::greater_equal));
    leaves[key::schedule] = Array::scalar(std::string(value::layer_synchronous));
    if (program_.mode != program::Mode::synchronous) {
      leaves[key::mode] = Array::scalar(std::string(program::name_of(program_.mode)));
    }
    if (!program_.settings.empty()) leaves[key::settings] = settings();
    if (!program_.made_by.empty()) leaves[key::made_by] = Array::scalar(program_.made_by);
  }

  Array settings() const {
    const std::string defect = settings_defect(program_.settings);
    if (!defect.empty()) fail("{}: the network's settings cannot be stored: that text {}", origin_, defect);
    return Array::scalar(program_.settings);
  }

  void connect(const std::string& from, const std::string& to) { graph_.edges.emplace_back(from, to); }

  std::string add(Node node, std::string name) {
    node.name = name;
    graph_.nodes.push_back(std::move(node));
    return name;
  }

  const std::string& name_of(program::NodeIndex index) const {
    return names_of_nodes_[static_cast<std::size_t>(index)];
  }
  const Shape& shape_of(program::NodeIndex index) const {
    return program_.nodes[static_cast<std::size_t>(index)].shape;
  }

  void add_node(std::size_t index) {
    const program::Node& from = program_.nodes[index];
    Node node = primitive_of(from);
    own(node).leaves[key::name] = text(from.name);
    own(node).leaves[key::index] = Array::scalar(static_cast<std::int64_t>(index));
    const std::string name = claim_name(from);
    names_of_nodes_.push_back(name);
    add_inputs(from, name);
    add(std::move(node), name);
  }

  std::string claim_name(const program::Node& node) {
    if (node.as<program::InputNode>() != nullptr) return "input";
    if (node.as<program::Accumulator>() != nullptr) return "output";
    return names_.claim(node.name);
  }

  void add_inputs(const program::Node& node, const std::string& name) {
    program::visit_kind(
        node.kind, [](const program::InputNode&) {},
        [&](const program::IfLayer& layer) { add_groups(layer.groups, layer.bias, node.shape, name); },
        [&](const program::SumPool& pool) { connect(name_of(pool.source), name); },
        [&](const program::OrPool& pool) {
          const std::string sum = add(pool_sum_of(pool), names_.claim(name + "_sum"));
          connect(name_of(pool.source), sum);
          connect(sum, name);
        },
        [&](const program::Accumulator& last) { add_groups(last.groups, last.bias, node.shape, name); });
  }

  void add_groups(const std::vector<program::SynapseGroup>& groups, const std::vector<std::int32_t>& bias,
                  const Shape& target, const std::string& into) {
    const std::size_t carrier = bias_carrier(groups);
    for (std::size_t i = 0; i < groups.size(); ++i) {
      const program::SynapseGroup& group = groups[i];
      const auto carried = i == carrier ? std::span<const std::int32_t>(bias) : std::span<const std::int32_t>();
      Node node = primitive_of(group, carried, shape_of(group.source), target);
      describe_group(node, group, i);
      const std::string name = names_.claim(group.name);
      connect(entry(group), name);
      connect(add(std::move(node), name), into);
    }
  }

  void describe_group(Node& node, const program::SynapseGroup& group, std::size_t position) {
    static constexpr const char* kinds[] = {kind::conv, kind::linear, kind::diagonal};
    auto& leaves = own(node).leaves;
    leaves[key::kind] = Array::scalar(std::string(kinds[group.connection.index()]));
    leaves[key::name] = text(group.name);
    leaves[key::position] = Array::scalar(static_cast<std::int64_t>(position));
    leaves[key::shift] = integer_array(group.shift);
  }

  // Where the group's current comes from: the source, or the one Flatten behind it.
  const std::string& entry(const program::SynapseGroup& group) {
    const bool flat = shape_of(group.source).size() == 1;
    if (flat || !std::holds_alternative<program::Linear>(group.connection)) return name_of(group.source);
    std::string& name = flattened_[group.source];
    if (name.empty()) {
      name = add(flatten_of(shape_of(group.source)), names_.claim(name_of(group.source) + "_flatten"));
      connect(name_of(group.source), name);
    }
    return name;
  }

  const Program& program_;
  std::string_view origin_;
  Graph graph_;
  SafeNames names_;
  std::vector<std::string> names_of_nodes_;
  std::map<program::NodeIndex, std::string> flattened_;
};

}  // namespace

Graph graph_of(const Program& program, std::string_view origin) { return Builder(program, origin).build(); }

}  // namespace neurocuda::nir::native
