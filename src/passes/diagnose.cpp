#include <utility>

#include "neurocuda/base/error.hpp"
#include "neurocuda/ir/branches.hpp"
#include "neurocuda/passes/passes.hpp"
#include "neurocuda/ir/analysis.hpp"
#include "passes/batch_norm_site.hpp"
#include "passes/layer_form.hpp"
#include "passes/paths/path_walk.hpp"

namespace neurocuda::passes {
namespace {

/// What becomes of one operator when nothing about its place in the graph is wrong.
struct Fate {
  Verdict verdict = Verdict::exact;
  std::string reason = {};
  std::string remedy = {};
};

struct FateOf {
  Fate operator()(const ir::Input&) const {
    return {.reason = "rounded once to a signed integer grid, then a constant current"};
  }
  Fate operator()(const ir::Conv2d&) const { return weights(); }
  Fate operator()(const ir::Linear&) const { return weights(); }
  Fate operator()(const ir::BatchNorm2d&) const { return {.reason = "folded into the weights beside it"}; }
  Fate operator()(const ir::ReLU&) const {
    return {Verdict::approximate, "becomes IF neurons: its value becomes a firing rate over T timesteps",
            "calibrate (convert does), or run more timesteps"};
  }
  Fate operator()(const ir::QCFS&) const {
    return {Verdict::approximate, "becomes IF neurons: equal on average, but spikes may come unevenly in time",
            "run more timesteps, or compare with exact mode"};
  }
  Fate operator()(const ir::IF&) const { return {.reason = "integer membranes and thresholds, soft reset"}; }
  Fate operator()(const ir::Add&) const { return {.reason = "a sum of currents into one layer"}; }
  Fate operator()(const ir::Concat&) const { return {.reason = "its readers take the values one by one"}; }
  Fate operator()(const ir::Slice&) const { return {.reason = "its readers take these channels only"}; }
  Fate operator()(const ir::AvgPool2d&) const { return average(); }
  Fate operator()(const ir::GlobalAvgPool&) const { return average(); }
  Fate operator()(const ir::MaxPool2d&) const {
    return {Verdict::approximate, "becomes an OR of spikes per timestep, not the largest rate",
            "train with average pooling (or strided convolutions)"};
  }
  Fate operator()(const ir::Flatten&) const { return {.reason = "only renames positions"}; }
  Fate operator()(const ir::Identity&) const { return {.reason = "does nothing"}; }
  Fate operator()(const ir::Dropout&) const { return {.reason = "does nothing at inference"}; }
  Fate operator()(const ir::Output&) const { return {.reason = "accumulates over time and never fires"}; }

 private:
  static Fate weights() { return {.reason = "int8 weights on a grid per output channel, integer sums"}; }
  static Fate average() { return {.reason = "a sum of spikes; its 1/area goes into the weights behind it"}; }
};

class Diagnosis {
 public:
  explicit Diagnosis(const ir::Graph& graph) : graph_(graph) {
    for (const ir::Node& node : graph.nodes()) {
      Fate fate = std::visit(FateOf{}, node.op);
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
    if (in_layer_form(absorbed)) {
      name_folded_batch_norms(absorbed);
    } else {
      check_paths(absorbed);
    }
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
