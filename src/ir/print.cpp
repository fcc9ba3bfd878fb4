#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "ir/describe.hpp"
#include "neurocuda/base/error.hpp"
#include "neurocuda/base/text.hpp"
#include "neurocuda/ir/analysis.hpp"
#include "neurocuda/ir/parameters.hpp"

namespace neurocuda::ir {
namespace {

constexpr std::size_t kColumns = 5;
using Row = std::array<std::string, kColumns>;

/// Empty when the shapes do not fit: a broken graph must still print.
std::vector<Shape> shapes_or_none(const Graph& graph) {
  try {
    return infer_shapes(graph);
  } catch (const UserError&) {
    return {};
  }
}

Row row_of(const Graph& graph, const Node& node, const std::string& shape) {
  const std::int64_t parameters = parameter_count(node.op);
  std::string inputs;
  for (const NodeId input : node.inputs) inputs += (inputs.empty() ? "" : ", ") + printable(graph.node(input).name);
  return {printable(node.name), describe(node.op), shape, parameters > 0 ? fmt::format("{}", parameters) : "", inputs};
}

std::string align(const std::vector<Row>& rows) {
  std::array<std::size_t, kColumns> widths{};
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < kColumns; ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const Row& row : rows) {
    std::string line = fmt::format("{:<{}}  {:<{}}  {:<{}}  {:>{}}  {}", row[0], widths[0], row[1], widths[1], row[2],
                                   widths[2], row[3], widths[3], row[4]);
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

}  // namespace

std::string to_string(const Graph& graph) {
  const std::vector<Shape> shapes = shapes_or_none(graph);
  std::vector<Row> rows{{"node", "operator", "shape", "parameters", "reads"}};
  for (NodeId id = 0; id < graph.size(); ++id) {
    rows.push_back(row_of(graph, graph.node(id), shapes.empty() ? "?" : to_string(shapes[id])));
  }
  std::string totals =
      fmt::format("{}: {} nodes, {} parameters", printable(graph.name), graph.size(), parameter_count(graph));
  if (!shapes.empty()) totals += fmt::format(", {} dense MACs per image", dense_macs(graph));
  return align(rows) + totals + "\n";
}

}  // namespace neurocuda::ir
