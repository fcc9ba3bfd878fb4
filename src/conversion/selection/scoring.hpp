#pragma once

#include "conversion/network/network.hpp"
#include "conversion/selection/score.hpp"
#include "neurocuda/base/progress.hpp"
#include "neurocuda/compiler/compiler.hpp"
#include "neurocuda/conversion/evaluate.hpp"
#include "neurocuda/data/dataset.hpp"

/// Choosing an epoch: always by what will run, on images that were kept back, never on a test set.
namespace neurocuda::conversion {

/// The network as it would be deployed now: batch norms folded and, if asked for, everything on the integer grid.
ir::Graph deployable(const Network& network, const std::optional<GridOptions>& grid);

/// How a Program is scored: its lowering, timesteps included, and its runs.
struct ProgramScoring {
  compiler::LowerOptions lower;
  program::Mode mode = program::Mode::synchronous;
  double synop_weight = 0;
  int threads = 0;
};

/// Score of the integer Program that a QCFS or IF network would become now; synops is synop_weight x their density.
Score score_program(const Network& network, const std::optional<GridOptions>& grid, const data::Dataset& dataset,
                    const ProgramScoring& scoring, Progress& progress);

/// Score of an ANN or QCFS network as it stands.
Score score_float(Network& network, const data::Dataset& dataset, const ForwardOptions& forward, Progress& progress);

}  // namespace neurocuda::conversion
