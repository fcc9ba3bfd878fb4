#pragma once

#include "neurocuda/data/dataset.hpp"
#include "neurocuda/network/network.hpp"

namespace neurocuda::conversion {

/// Batch norms of a calibrated network hold the statistics of QCFS's currents. Those of spikes have about the same mean
/// but a larger variance, so that normalising by the batch would weaken every current. This gives each batch norm the
/// statistics that its input has over images and timesteps, and the gamma and beta with which it computes what it did
/// before: the network stays as it is, and training starts there.
void rebase_norms(network::Network& spiking, const data::Dataset& images, const network::ForwardOptions& forward);

}  // namespace neurocuda::conversion
