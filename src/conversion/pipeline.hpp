#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "neurocuda/conversion/convert.hpp"

namespace neurocuda::conversion {

/// Runs the stages of a conversion one after another, timing each and measuring its network on the evaluation data.
class Pipeline {
 public:
  /// `calibration` and `evaluation` fit the network, which can be converted. `settings`: resolved.
  Pipeline(const data::Dataset& calibration, const data::Dataset* evaluation, const ConvertOptions& options,
           const Settings& settings, Progress& progress);

  Conversion run(const ir::Graph& ann);

 private:
  using Clock = std::chrono::steady_clock;

  /// A spiking network that may be the result.
  struct Candidate {
    std::string stage;
    ir::Graph graph;  ///< IF
    compiler::Lowered lowered;
    std::optional<metrics::Evaluation> evaluation;
  };

  void note(const std::string& name, Clock::time_point began);
  /// Times `work`, then measures the float graph that it returns.
  template <class Work>
  ir::Graph stage(const std::string& name, const Work& work) {
    const auto began = Clock::now();
    ir::Graph graph = work();
    note(name, began);
    measure_float(graph);
    return graph;
  }
  void measure_float(const ir::Graph& graph);
  /// The same for an IF graph, which is measured as the integer Program that it becomes.
  template <class Work>
  void candidate(const std::string& name, const Work& work) {
    const auto began = Clock::now();
    add_candidate(name, work(), began);
  }
  void add_candidate(const std::string& name, ir::Graph graph, Clock::time_point began);
  metrics::Evaluation evaluate(const program::Program& program, const data::Dataset& images, const char* task);

  ir::Graph in_layers(const ir::Graph& network);
  void fit(const ir::Graph& folded);
  void train(const ir::Graph& source, const ir::Graph& folded);
  void calibrate_levels(const ir::Graph& source);
  void fine_tune_best(const ir::Graph& folded);
  /// The candidate that is best on the images that train() kept back.
  Candidate& best();

  const data::Dataset& calibration_;
  const data::Dataset* evaluation_;
  const ConvertOptions& options_;
  const Settings& settings_;
  Progress& progress_;
  data::Dataset fitted_to_;  ///< what layers are fitted to
  data::Dataset held_out_;   ///< kept back where something is trained; else none
  std::vector<Candidate> candidates_;
  std::vector<std::int64_t> answers_;  ///< of the ANN, to the evaluation images
  Conversion conversion_;
};

}  // namespace neurocuda::conversion
