#include "onnx/read/node_order.hpp"

#include <functional>
#include <queue>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "neurocuda/base/error.hpp"
#include "onnx/read/names.hpp"

namespace neurocuda::onnx {
namespace {

/// Which node writes which value; inputs and initialisers are written by none.
class Sources {
 public:
  explicit Sources(const proto::GraphProto& graph) {
    for (const auto& input : graph.input()) given_.insert(input.name());
    for (const auto& constant : graph.initializer()) given_.insert(constant.name());
    for (int i = 0; i < graph.node_size(); ++i) {
      for (const std::string& output : graph.node(i).output()) add(output, i, graph.node(i));
    }
  }

  bool given(std::string_view value) const { return value.empty() || given_.contains(value); }

  /// The index of the writer, or -1.
  int writer(std::string_view value) const {
    const auto found = writers_.find(value);
    return found == writers_.end() ? -1 : found->second;
  }

 private:
  void add(const std::string& value, int node, const proto::NodeProto& proto) {
    if (value.empty()) return;  // an optional output that is left out
    if (given_.contains(value) || !writers_.emplace(value, node).second) {
      fail("{} writes '{}', which has another source; give every value a name of its own", label(proto),
           printable(value));
    }
  }

  std::unordered_set<std::string_view> given_;
  std::unordered_map<std::string_view, int> writers_;
};

/// For every node, the nodes that it reads.
std::vector<std::vector<int>> read_nodes(const proto::GraphProto& graph, const Sources& sources) {
  std::vector<std::vector<int>> reads(static_cast<std::size_t>(graph.node_size()));
  for (int i = 0; i < graph.node_size(); ++i) {
    for (const std::string& input : graph.node(i).input()) {
      if (sources.given(input)) continue;
      const int writer = sources.writer(input);
      if (writer < 0) {
        fail(
            "{} reads '{}', which is neither an input, an initialiser nor the output of a node; export the model again",
            label(graph.node(i)), printable(input));
      }
      reads[static_cast<std::size_t>(i)].push_back(writer);
    }
  }
  return reads;
}

/// A node on a cycle. Every unplaced node reads an unplaced one, so walking backwards must come round.
int node_on_cycle(const std::vector<std::vector<int>>& reads, const std::vector<bool>& placed) {
  int at = 0;
  while (placed[static_cast<std::size_t>(at)]) ++at;
  std::vector<bool> seen(placed.size(), false);
  while (!seen[static_cast<std::size_t>(at)]) {
    seen[static_cast<std::size_t>(at)] = true;
    for (const int read : reads[static_cast<std::size_t>(at)]) {
      if (!placed[static_cast<std::size_t>(read)]) at = read;
    }
  }
  return at;
}

/// Kahn's algorithm; among the nodes that are ready, the first of the file goes first.
std::vector<int> sorted(const proto::GraphProto& graph, const std::vector<std::vector<int>>& reads) {
  std::vector<std::vector<int>> readers(reads.size());
  std::vector<std::size_t> waits_for(reads.size());
  std::priority_queue<int, std::vector<int>, std::greater<>> ready;
  for (std::size_t i = 0; i < reads.size(); ++i) {
    for (const int read : reads[i]) readers[static_cast<std::size_t>(read)].push_back(static_cast<int>(i));
    waits_for[i] = reads[i].size();
    if (reads[i].empty()) ready.push(static_cast<int>(i));
  }
  std::vector<int> order;
  std::vector<bool> placed(reads.size(), false);
  while (!ready.empty()) {
    const int node = ready.top();
    ready.pop();
    order.push_back(node);
    placed[static_cast<std::size_t>(node)] = true;
    for (const int reader : readers[static_cast<std::size_t>(node)]) {
      if (--waits_for[static_cast<std::size_t>(reader)] == 0) ready.push(reader);
    }
  }
  if (order.size() < reads.size()) {
    fail("{} is on a cycle: it reads what depends on itself; recurrent networks are not supported",
         label(graph.node(node_on_cycle(reads, placed))));
  }
  return order;
}

/// Which nodes the outputs depend on; `order` has readers after what they read.
std::vector<bool> needed_nodes(const proto::GraphProto& graph, const Sources& sources, const std::vector<int>& order,
                               const std::vector<std::vector<int>>& reads) {
  std::vector<bool> needed(reads.size(), false);
  for (const auto& output : graph.output()) {
    const int writer = sources.writer(output.name());
    if (writer < 0 && !sources.given(output.name())) {
      fail("output '{}' is written by no node; export the model again", printable(output.name()));
    }
    if (writer >= 0) needed[static_cast<std::size_t>(writer)] = true;
  }
  for (auto node = order.rbegin(); node != order.rend(); ++node) {
    if (!needed[static_cast<std::size_t>(*node)]) continue;
    for (const int read : reads[static_cast<std::size_t>(*node)]) needed[static_cast<std::size_t>(read)] = true;
  }
  return needed;
}

}  // namespace

std::vector<const proto::NodeProto*> evaluation_order(const proto::GraphProto& graph) {
  const Sources sources(graph);
  const std::vector<std::vector<int>> reads = read_nodes(graph, sources);
  const std::vector<int> order = sorted(graph, reads);
  const std::vector<bool> needed = needed_nodes(graph, sources, order, reads);
  std::vector<const proto::NodeProto*> nodes;
  for (const int node : order) {
    if (needed[static_cast<std::size_t>(node)]) nodes.push_back(&graph.node(node));
  }
  return nodes;
}

}  // namespace neurocuda::onnx
