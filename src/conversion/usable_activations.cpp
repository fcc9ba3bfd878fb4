#include "conversion/usable_activations.hpp"

#include <cmath>

#include "neurocuda/base/error.hpp"

namespace neurocuda::conversion {

void require_usable(const ir::Node& activation, const torch::Tensor& largest) {
  constexpr double kLargest = 1e18;  // its square still fits float32
  for (std::int64_t channel = 0; channel < largest.numel(); ++channel) {
    const double value = largest[channel].item<double>();
    if (std::isfinite(value) && value <= kLargest) continue;
    fail<ConversionError>(
        "{}: its channel {} reaches {:g} on the calibration images, too large for float32; check the weights before it "
        "and the normalisation of the images",
        label(activation), channel, value);
  }
}

}  // namespace neurocuda::conversion
