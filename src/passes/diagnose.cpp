#include <algorithm>
#include <utility>

#include "neurocuda/base/error.hpp"
#include "neurocuda/ir/branches.hpp"
#include "neurocuda/passes/passes.hpp"
#include "passes/batch_norm_site.hpp"
#include "passes/fate.hpp"
#include "passes/layer_form.hpp"
#include "passes/paths/path_walk.hpp"

namespace neurocuda::passes {
namespace {

class Diagnosis {
 public:
  explicit Diagnosis(const ir::Graph& graph) : graph_(graph) {
    for (const ir::Node& node : graph.nodes()) {
      Fate fate = fate_of(node.op);
      findings_.push_back({node.name, std::string(operator_name(node.op)), fate.verdict, std::move(fate.reason),
                           std::move(fate.remedy)});
    }
  }

  std::vector<Finding> run() {
    const ir::Graph absorbed = absorb_input_scaling(graph_);  // keeps the ids
    for (ir::NodeId id = 0; id < graph_.size(); ++id) {
      if (graph_.node(id).as<ir::BatchNorm2d>() && absorbed.node(id).as<ir::Identity>())
        findings_[id].reason = "goes into the normalisation of the input";
    }
    if (const auto last = last_relu(graph_)) {
      Finding& finding = findings_[*last];
      finding = {finding.node, finding.op, Verdict::exact, "left out: it does not change which logit is the largest",
                 ""};
    }
    if (in_layer_form(absorbed)) {
      name_folded_batch_norms(absorbed);
    } else {
      check_paths(absorbed);
    }
    check_neurons();
    return std::move(findings_);
  }

 private:
  void name_folded_batch_norms(const ir::Graph& graph) {
    const auto consumers = graph.consumers();
    for (ir::NodeId id = 0; id < graph.size(); ++id) {
      if (!graph.node(id).as<ir::BatchNorm2d>()) continue;
      const BatchNormSite site = find_batch_norm_site(graph, consumers, id);
      findings_[id].reason = "folded into " + label(graph.node(site.layer));
    }
  }

  void check_neurons() {
    const auto& nodes = graph_.nodes();
    if (std::any_of(nodes.begin(), nodes.end(), ir::is_activation)) return;
    const auto is_output = [](const ir::Node& node) { return node.as<ir::Output>() != nullptr; };
    const auto output = std::find_if(nodes.begin(), nodes.end(), is_output);
    if (output == nodes.end()) return;  // a part of a network
    refuse(static_cast<ir::NodeId>(output - nodes.begin()),
           "is fed by a network without an activation, in which nothing would spike", "put a ReLU between its layers");
  }

  void check_paths(const ir::Graph& graph) {
    const auto note = [&](ir::NodeId node, std::string reason, std::string remedy) {
      refuse(node, std::move(reason), std::move(remedy));
    };
    paths::PathWalk(graph, note).run();
  }

  /// The first refusal of a node stays.
  void refuse(ir::NodeId id, std::string reason, std::string remedy) {
    Finding& finding = findings_[id];
    if (finding.verdict == Verdict::refused) return;
    finding.verdict = Verdict::refused;
    finding.reason = std::move(reason);
    finding.remedy = std::move(remedy);
  }

  const ir::Graph& graph_;
  std::vector<Finding> findings_;
};

}  // namespace

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::exact:
      return "exact";
    case Verdict::approximate:
      return "approximate";
    case Verdict::refused:
      return "refused";
  }
  throw InternalError("a verdict without a name");
}

std::vector<Finding> diagnose(const ir::Graph& graph) { return Diagnosis(graph).run(); }

void require_convertible(const ir::Graph& graph) {
  for (const Finding& finding : diagnose(graph)) {
    if (finding.verdict != Verdict::refused) continue;
    fail<ConversionError>("{} '{}': {}; {}", finding.op, finding.node, finding.reason, finding.remedy);
  }
}

}  // namespace neurocuda::passes
