#include <utility>

#include "neurocuda/base/error.hpp"
#include "neurocuda/ir/branches.hpp"
#include "neurocuda/passes/passes.hpp"
#include "passes/batch_norm_site.hpp"

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
  Fate operator()(const ir::BatchNorm2d&) const { return {.reason = "folded into the weights before it"}; }
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
    check_batch_norms();
    check_layers();
    return std::move(findings_);
  }

 private:
  void check_batch_norms() {
    const auto consumers = graph_.consumers();
    for (ir::NodeId id = 0; id < graph_.size(); ++id) {
      if (!graph_.node(id).as<ir::BatchNorm2d>()) continue;
      BatchNormSite site = find_batch_norm_site(graph_, consumers, id);
      if (site.possible()) {
        findings_[id].reason = "folded into " + label(graph_.node(site.layer));
      } else {
        refuse(id, std::move(site.reason), std::move(site.remedy));
      }
    }
  }

  /// Judges the layers as they will be after folding: batch norms, also the refused ones, are gone.
  void check_layers() {
    const ir::Graph folded = map_operators(graph_, [](const ir::Node& node) -> ir::Operator {
      return node.as<ir::BatchNorm2d>() ? ir::Identity{} : node.op;
    });
    const ir::Wiring wiring(folded);
    for (ir::NodeId id = 0; id < folded.size(); ++id) {
      const ir::Node& node = folded.node(id);
      if (!is_activation(node) && !node.as<ir::Output>()) continue;
      try {
        branches(wiring, id);
      } catch (const ir::BranchRefusal& refusal) {
        refuse(refusal.node, refusal.reason, refusal.remedy);
      }
    }
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
