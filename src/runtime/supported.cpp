#include "runtime/supported.hpp"

#include "neurocuda/base/error.hpp"
#include "neurocuda/base/version.hpp"

namespace neurocuda::runtime {
namespace {

using namespace program;

/// What of a node cannot be run; null when everything can.
struct Unsupported {
  const char* operator()(const IfLayer& layer) const {
    return layer.neuron == NeuronKind::plain ? nullptr : "signed neurons";
  }
  const char* operator()(const OrPool&) const { return nullptr; }
  const char* operator()(const Accumulator&) const { return nullptr; }
  const char* operator()(const InputNode&) const { return nullptr; }
  const char* operator()(const SumPool&) const { return nullptr; }
};

}  // namespace

void require_supported(const Program& program, std::string_view target) {
  for (const Node& node : program.nodes) {
    const char* what = std::visit(Unsupported{}, node.kind);
    if (what == nullptr) continue;
    fail(
        "node '{}' of '{}' has {}, which target '{}' of NeuroCUDA {} does not run: update NeuroCUDA, or convert the "
        "network without them",
        node.name, program.name, what, target, version());
  }
}

}  // namespace neurocuda::runtime
