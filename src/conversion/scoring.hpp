#pragma once

#include "neurocuda/base/progress.hpp"
#include "neurocuda/compiler/compiler.hpp"
#include "neurocuda/data/dataset.hpp"
#include "neurocuda/network/evaluate.hpp"
#include "neurocuda/network/network.hpp"
#include "neurocuda/training/score.hpp"

/// Choosing an epoch: always by what will run, on images that were kept back, never on a test set.
namespace neurocuda::conversion {

/// The network as it would be deployed now: batch norms folded, everything on the integer grid.
ir::Graph deployable(const network::Network& network, const network::GridOptions& grid);

/// How a Program is scored: its lowering, timesteps included, and its runs.
struct ProgramScoring {
  compiler::LowerOptions lower;
  program::Mode mode = program::Mode::synchronous;
  double synop_weight = 0;
  int threads = 0;
};

/// Score of the integer Program that a QCFS or IF network would become now; synops is synop_weight x their density.
training::Score score_program(const network::Network& network, const network::GridOptions& grid,
                              const data::Dataset& dataset, const ProgramScoring& scoring, Progress& progress);

/// Score of an ANN or QCFS network as it stands.
training::Score score_float(network::Network& network, const data::Dataset& dataset,
                            const network::ForwardOptions& forward, Progress& progress);

}  // namespace neurocuda::conversion
