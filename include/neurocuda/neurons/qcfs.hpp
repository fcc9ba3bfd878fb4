#pragma once

#include "neurocuda/neurons/libtorch.hpp"

namespace neurocuda::neurons {

/// h(x) = lambda clip(floor(x L / lambda + 1/2) / L, 0, 1), lambda (C,). Gradients (Bu et al. 2022, as their code has
/// them): dh/dx = 1 for 0 < x < lambda, else 0; dh/dlambda = (h - x) / lambda inside, 1 above, 0 below.
torch::Tensor qcfs(const torch::Tensor& x, const torch::Tensor& lambda, std::int64_t levels);

}  // namespace neurocuda::neurons
