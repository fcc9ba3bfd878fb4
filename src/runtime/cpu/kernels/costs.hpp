#pragma once

#include <cstdint>

namespace neurocuda::runtime::cpu {

/// What the kernels of an instruction set take, in cycles, as fitted by hand to bench_layers on an EPYC (Zen 4). They
/// decide between two ways to the same integers, so nothing but time depends on them.
struct Costs {
  std::int64_t vector_bytes;  ///< of the widest vector: channels that one addition of weights reaches
  double window_row;          ///< a weight row that a sliding window adds, by vector
  double window_output;       ///< an output of a sliding window without any spike, by vector
  double listed_row;          ///< a weight row that add_spikes() adds, by vector
  double listed_tap;          ///< a tap of an output of add_spikes() without any spike
  double dense_block;         ///< add_counts(): kInputBlock inputs times kChannelBlock outputs
};

}  // namespace neurocuda::runtime::cpu
