#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "neurocuda/program/node_traits.hpp"
#include "nir/graph.hpp"
#include "nir/native/fields.hpp"

namespace neurocuda::nir::native {

/// A NIR node with what the metadata says of it.
struct Part {
  const Node* node = nullptr;
  std::string owner;  ///< "node 'conv1'", for messages
  std::string kind;
  std::vector<const Part*> before, after;  ///< by edges

  Fields parameters(std::string_view origin) const { return {origin, owner, node->parameters}; }
  Fields metadata(std::string_view origin) const;
  /// UserError unless the primitive is one of these.
  void require_type(std::string_view origin, std::initializer_list<std::string_view> types) const;
  /// The one part it reads. UserError when there are none or several.
  const Part& only_source(std::string_view origin) const;
};

/// An empty Program node of the kind that a part stands for; nothing for synapse groups and helpers.
std::optional<program::Node> empty_node(const Part& part);

/// The parts of a native graph by their role.
class Layout {
 public:
  /// Throws UserError when a part has no metadata or an unknown kind, when indices are not 0..N-1, or when a part that
  /// is not a Program node leads nowhere (it would be dropped silently).
  Layout(const Graph& graph, std::string_view origin);
  Layout(const Layout&) = delete;
  Layout& operator=(const Layout&) = delete;

  /// The parts that are Program nodes, by index.
  const std::vector<const Part*>& nodes() const { return nodes_; }
  /// Program index of a part that is a Program node.
  std::int32_t index_of(const Part& part) const { return indices_.at(&part); }
  /// The synapse groups that lead into a layer, by position.
  std::vector<const Part*> groups_of(const Part& layer) const;

 private:
  void add_parts(const Graph& graph);
  void add_edges(const Graph& graph);
  void check_uses() const;
  void order_nodes();

  std::string_view origin_;
  std::map<std::string, Part, std::less<>> parts_;
  std::vector<const Part*> nodes_;
  std::map<const Part*, std::int32_t> indices_;
};

}  // namespace neurocuda::nir::native
