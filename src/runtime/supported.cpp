#include "runtime/supported.hpp"

#include "neurocuda/base/error.hpp"
#include "neurocuda/base/version.hpp"

namespace neurocuda::runtime {
namespace {

using namespace program;

/// What of a node cannot be run; null when everything can.
struct Unsupported {
  const char* operator()(const IfLayer& layer) const {
    if (layer.neuron != NeuronKind::plain) return "signed neurons";
    return layer.bias_by_timestep.empty() ? nullptr : "biases by timestep";
  }
  const char* operator()(const OrPool& pool) const {
    return pool.rule == MaxPoolRule::or_per_timestep ? nullptr : "max pooling of spike counts";
  }
  const char* operator()(const Accumulator& output) const {
    return output.bias_by_timestep.empty() ? nullptr : "biases by timestep";
  }
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
