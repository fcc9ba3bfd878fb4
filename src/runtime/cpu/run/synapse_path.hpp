#pragma once

namespace neurocuda::runtime::cpu {

/// How spikes reach the neurons of a layer: listed, one by one, or multiplied with all weights.
enum class SynapsePath { by_density, sparse, dense };

/// The one that the environment variable NEUROCUDA_SYNAPSES names, "sparse" or "dense", where a layer has both;
/// by_density when it is not set or empty. Throws UserError for other values.
SynapsePath requested_path();

}  // namespace neurocuda::runtime::cpu
