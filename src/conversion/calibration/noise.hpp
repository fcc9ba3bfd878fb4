#pragma once

#include <map>

#include "conversion/network/network.hpp"
#include "neurocuda/data/dataset.hpp"

namespace neurocuda::conversion {

/// What T timesteps will do to every QCFS activation: the standard deviation, over neurons and images, of its output
/// minus the mean output of the IF neurons that replace it (Noise Adaptor, arXiv 2312.05290; noisy quantisation, arXiv
/// 2404.17456). Both networks run whole, with the statistics that their batch norms have now.
std::map<ir::NodeId, double> unevenness(Network& qcfs, const data::Dataset& images, int timesteps,
                                        const std::optional<GridOptions>& grid);

}  // namespace neurocuda::conversion
