#include "compiler/names.hpp"

#include <algorithm>

namespace neurocuda::compiler {
namespace {

std::string file_safe(std::string name) {
  name.erase(0, std::min(name.find_first_not_of('/'), name.size()));
  for (char& c : name) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '/') c = '.';
    if (code < 0x20 || code == 0x7f) c = '_';
  }
  return name.find_first_not_of('.') == std::string::npos ? "node" + name : name;
}

}  // namespace

Names::Names(const ir::Graph& graph) {
  for (const ir::Node& node : graph.nodes()) reserved_.insert(file_safe(node.name));
}

std::string Names::claim(const std::string& graph_name) {
  const std::string base = file_safe(graph_name);
  std::string name = base;
  for (int suffix = 2; claimed_.contains(name) || (name != base && reserved_.contains(name)); ++suffix) {
    name = fmt::format("{}_{}", base, suffix);
  }
  claimed_.insert(name);
  return name;
}

}  // namespace neurocuda::compiler
