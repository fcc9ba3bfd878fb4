#pragma once

namespace neurocuda::compiler {

/// What decides the scale of one output channel, all as magnitudes in the float network's units.
struct ChannelMagnitudes {
  double weight = 0;    ///< largest |w_eff| of the convolution and linear groups
  double diagonal = 0;  ///< largest identity skip
  double theta = 0;     ///< 0 for the output layer
  double offset = 0;    ///< the larger of |bias| and |v0|
};

/// k_c. The largest convolution or linear weight gets the largest code; without such weights the largest identity skip
/// does; without any input theta (or the offset) becomes 2^14. Raised where an identity skip would not fit the largest
/// shift, or where theta or an offset would leave 2^23 (weights that tiny against the threshold hardly matter; the
/// rounding report shows it).
double layer_scale(const ChannelMagnitudes& magnitudes, int bits);

}  // namespace neurocuda::compiler
