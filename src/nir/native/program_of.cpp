#include "nir/native/layout.hpp"
#include "nir/native/native.hpp"
#include "nir/native/neuron_reader.hpp"
#include "nir/native/schema.hpp"
#include "nir/native/settings_text.hpp"
#include "nir/native/synapse_reader.hpp"
#include "nir/native/versions.hpp"

namespace neurocuda::nir::native {
namespace {

using program::NodeIndex;
using program::Program;

program::Mode mode_of(const Fields& fields) {
  if (!fields.has(key::mode)) return program::Mode::synchronous;
  const std::string text = fields.text(key::mode);
  for (const program::Mode mode : {program::Mode::synchronous, program::Mode::exact}) {
    if (text == program::name_of(mode)) return mode;
  }
  fields.reject(key::mode, "is '{}'; synchronous or exact is wanted", text);
}

std::string settings_of(const Fields& fields) {
  if (!fields.has(key::settings)) return {};
  std::string text = fields.text(key::settings);
  const std::string defect = settings_defect(text);
  if (!defect.empty()) fields.reject(key::settings, "{}", defect);
  return text;
}

// What the file's arithmetic is must be said, and be the one that this release runs.
Program header_of(const Graph& graph, std::string_view origin) {
  const auto found = graph.metadata.branches.find(key::space);
  if (found == graph.metadata.branches.end()) {
    fail(
        "{}: a NIR file that NeuroCUDA did not write: it lacks metadata/neurocuda, and foreign graphs are not read by "
        "this release; convert the trained network itself with `neurocuda convert`",
        origin);
  }
  const Fields fields(origin, "graph metadata", found->second);
  const auto require = [&](const char* key, std::string_view wanted) {
    const std::string text = fields.text(key);
    if (text != wanted) fields.reject(key, "is '{}'; this release reads '{}'", text, wanted);
  };
  check_keys(graph, version_of(fields), origin);
  require(key::profile, value::native);
  require(key::reset, value::subtract);
  require(key::comparator, value::greater_equal);
  require(key::schedule, value::layer_synchronous);
  Program program;
  program.name = fields.text(key::name);
  program.timesteps = static_cast<int>(fields.integer(key::timesteps, {1, program::kMaxTimesteps}));
  program.mode = mode_of(fields);
  program.settings = settings_of(fields);
  if (fields.has(key::made_by)) program.made_by = fields.text(key::made_by);
  return program;
}

class Reader {
 public:
  Reader(const Graph& graph, std::string_view origin)
      : origin_(origin), program_(header_of(graph, origin)), layout_(graph, origin) {}

  Program read() {
    for (const Part* part : layout_.nodes()) add_node(*part);
    return std::move(program_);
  }

 private:
  NodeIndex next() const { return static_cast<NodeIndex>(program_.nodes.size()); }
  const Shape& shape_of(NodeIndex index) const { return program_.nodes[static_cast<std::size_t>(index)].shape; }

  // The Program node that a part reads, which must have been read before it.
  NodeIndex node_before(const Part& part) const {
    const Part& from = part.only_source(origin_);
    if (from.kind == kind::flatten || from.kind == kind::or_sum) return node_before_helper(part, from);
    const NodeIndex index = layout_.index_of(from);
    if (index >= next()) {
      fail("{}: {}: reads {}, which has the larger index {}; the file is damaged", origin_, part.owner, from.owner,
           index);
    }
    return index;
  }

  NodeIndex node_before_helper(const Part& part, const Part& helper) const {
    const bool flattens = helper.kind == kind::flatten;
    const char* reader = flattens ? kind::linear : kind::or_pool;
    if (part.kind != reader) fail("{}: {}: a {} leads into it", origin_, part.owner, helper.kind);
    const Part& from = helper.only_source(origin_);
    if (from.kind == kind::flatten || from.kind == kind::or_sum) {
      fail("{}: {}: reads {}; the file is damaged", origin_, helper.owner, from.owner);
    }
    const NodeIndex index = node_before(helper);
    if (flattens) check_flatten(helper, index);
    return index;
  }

  void check_flatten(const Part& part, NodeIndex source) const {
    part.require_type(origin_, {"Flatten"});
    const Fields fields = part.parameters(origin_);
    const Shape& shape = shape_of(source);
    const auto rank = static_cast<std::int64_t>(shape.size());
    const std::int64_t end = fields.has("end_dim") ? fields.integer("end_dim") : -1;
    if (fields.integer("start_dim") != 0) fields.reject("start_dim", "is not 0; all axes are flattened");
    if (end != -1 && end != rank - 1) fields.reject("end_dim", "is {}; all axes are flattened", end);
  }

  /// Pools: an empty one already names a source, an empty layer none.
  bool reads_one(const Part& part) const {
    const std::optional<program::Node> node = empty_node(part);
    return node && !program::sources_of(*node).empty();
  }

  void add_node(const Part& part) {
    const NodeIndex source = reads_one(part) ? node_before(part) : 0;
    program::Node node = neurons_of(part, reads_one(part) ? shape_of(source) : Shape{}, origin_);
    node.name = part.metadata(origin_).text(key::name);
    program::visit_kind(
        node.kind, [](program::InputNode&) {},
        [&](program::IfLayer& layer) { add_groups(part, layer.groups, layer.bias); },
        [&](program::SumPool& pool) { pool.source = source; }, [&](program::OrPool& pool) { pool.source = source; },
        [&](program::Accumulator& last) { add_groups(part, last.groups, last.bias); });
    if (part.kind == kind::input && !part.before.empty()) {
      fail("{}: {}: {} leads into the input; the file is damaged", origin_, part.owner, part.before[0]->owner);
    }
    program_.nodes.push_back(std::move(node));
  }

  void add_groups(const Part& layer, std::vector<program::SynapseGroup>& groups,
                  std::vector<std::int32_t>& bias) const {
    std::vector<std::int64_t> sums;  // sized by the groups: the stated shape may be anything
    for (const Part* part : layout_.groups_of(layer)) {
      const NodeIndex source = node_before(*part);
      program::SynapseGroup group = synapses_of(*part, shape_of(source), sums, origin_);
      group.name = part->metadata(origin_).text(key::name);
      group.source = source;
      groups.push_back(std::move(group));
    }
    for (const std::int64_t sum : sums) {
      if (sum < kInt32.low || sum > kInt32.high) {
        fail("{}: {}: a bias of {} leaves int32; the file is damaged", origin_, layer.owner, sum);
      }
    }
    bias.assign(sums.begin(), sums.end());
  }

  std::string_view origin_;
  Program program_;
  Layout layout_;
};

}  // namespace

Program program_of(const Graph& graph, std::string_view origin) {
  Program program = Reader(graph, origin).read();
  try {
    program::validate(program);
  } catch (const UserError& error) {
    fail("{}: {}", origin, error.what());
  }
  return program;
}

}  // namespace neurocuda::nir::native
