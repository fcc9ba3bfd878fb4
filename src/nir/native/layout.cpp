#include "nir/native/layout.hpp"

#include <algorithm>

#include "nir/native/schema.hpp"

namespace neurocuda::nir::native {
namespace {

const Tree& own_metadata(const Node& node) {
  static const Tree kNone;
  const auto found = node.metadata.branches.find(key::space);
  return found == node.metadata.branches.end() ? kNone : found->second;
}

bool is_any(std::string_view what, std::initializer_list<std::string_view> candidates) {
  return std::find(candidates.begin(), candidates.end(), what) != candidates.end();
}

bool is_program_node(const Part& part) { return empty_node(part).has_value(); }

bool reads_groups(const Part& part) {
  std::optional<program::Node> node = empty_node(part);
  return node && program::mutable_groups(*node) != nullptr;
}

bool is_group(const Part& part) { return is_any(part.kind, {kind::conv, kind::linear, kind::diagonal}); }

bool is_helper(const Part& part) { return is_any(part.kind, {kind::flatten, kind::or_sum}); }

}  // namespace

std::optional<program::Node> empty_node(const Part& part) {
  std::optional<program::Node> node;
  program::for_each_kind([&](const auto& kind) {
    if (part.kind == program::kind_name(kind)) node = program::Node{{}, {}, kind};
  });
  return node;
}

Fields Part::metadata(std::string_view origin) const { return {origin, owner, own_metadata(*node)}; }

void Part::require_type(std::string_view origin, std::initializer_list<std::string_view> types) const {
  if (is_any(node->type, types)) return;
  fail("{}: {}: is a {}, which cannot be of kind '{}'; write the file again", origin, owner, node->type, kind);
}

const Part& Part::only_source(std::string_view origin) const {
  if (before.size() != 1) fail("{}: {}: {} edges lead into it; one is wanted", origin, owner, before.size());
  return *before.front();
}

Layout::Layout(const Graph& graph, std::string_view origin) : origin_(origin) {
  add_parts(graph);
  add_edges(graph);
  check_uses();
  order_nodes();
}

void Layout::add_parts(const Graph& graph) {
  for (const Node& node : graph.nodes) {
    Part part{&node, fmt::format("node '{}'", node.name), {}, {}, {}};
    part.kind = part.metadata(origin_).text(key::kind);
    if (!is_program_node(part) && !is_group(part) && !is_helper(part)) {
      part.metadata(origin_).reject(key::kind, "is '{}', which this release does not know; update NeuroCUDA",
                                    part.kind);
    }
    parts_.emplace(node.name, std::move(part));
  }
}

void Layout::add_edges(const Graph& graph) {
  for (const auto& [from, to] : graph.edges) {
    Part& source = parts_.at(from);
    Part& target = parts_.at(to);
    source.after.push_back(&target);
    target.before.push_back(&source);
  }
}

void Layout::check_uses() const {
  for (const auto& [name, part] : parts_) {
    if (is_group(part) && part.after.size() != 1) {
      fail("{}: {}: leads into {} nodes; a synapse group leads into one layer", origin_, part.owner, part.after.size());
    }
    if (is_helper(part) && part.after.empty()) fail("{}: {}: leads nowhere; remove it", origin_, part.owner);
    for (const Part* next : part.after) {
      const bool into_layer = reads_groups(*next);
      if (is_group(part) != into_layer) {
        fail("{}: edge '{}' -> '{}': kind '{}' cannot lead into kind '{}'", origin_, name, next->node->name, part.kind,
             next->kind);
      }
    }
  }
}

void Layout::order_nodes() {
  const auto count =
      std::count_if(parts_.begin(), parts_.end(), [](const auto& each) { return is_program_node(each.second); });
  nodes_.resize(static_cast<std::size_t>(count));
  for (const auto& [name, part] : parts_) {
    if (!is_program_node(part)) continue;
    const std::int64_t index = part.metadata(origin_).integer(key::index, {0, count - 1});
    const Part*& place = nodes_[static_cast<std::size_t>(index)];
    if (place != nullptr) fail("{}: {}: has the index {} of {}", origin_, part.owner, index, place->owner);
    place = &part;
    indices_[&part] = static_cast<std::int32_t>(index);
  }
}

std::vector<const Part*> Layout::groups_of(const Part& layer) const {
  std::vector<const Part*> groups(layer.before.size(), nullptr);
  for (const Part* group : layer.before) {
    const auto last = static_cast<std::int64_t>(groups.size()) - 1;
    const std::int64_t position = group->metadata(origin_).integer(key::position, {0, last});
    const Part*& place = groups[static_cast<std::size_t>(position)];
    if (place != nullptr) fail("{}: {}: has the position {} of {}", origin_, group->owner, position, place->owner);
    place = group;
  }
  return groups;
}

}  // namespace neurocuda::nir::native
