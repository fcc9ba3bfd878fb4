#pragma once

#include "conversion/network/network.hpp"
#include "conversion/training/score.hpp"
#include "neurocuda/base/progress.hpp"
#include "neurocuda/compiler/compiler.hpp"
#include "neurocuda/data/dataset.hpp"

/// Choosing an epoch: always by what will run, on images that were kept back, never on a test set.
namespace neurocuda::conversion {

/// The network as it would be deployed now: batch norms folded and, if asked for, everything on the integer grid.
ir::Graph deployable(const Network& network, const std::optional<GridOptions>& grid);

/// Score of the integer Program that a QCFS or IF network would become now; synops is synop_weight x their density.
Score score_program(const Network& network, const std::optional<GridOptions>& grid, const compiler::LowerOptions& lower,
                    const data::Dataset& dataset, double synop_weight, int threads, Progress& progress);

/// Score of an ANN or QCFS network as it stands.
Score score_float(Network& network, const data::Dataset& dataset, const ForwardOptions& forward, Progress& progress);

}  // namespace neurocuda::conversion
