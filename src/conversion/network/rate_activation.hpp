#pragma once

#include <torch/torch.h>

namespace neurocuda::conversion {

/// The rate gradient (Wu et al. 2021, tandem learning, arXiv 1907.01167):
/// forward gives the mean output over T that the spiking network really had, backward is that of QCFS at the mean
/// current x: d/dx = 1 for 0 < x < lambda, else 0; d/dlambda = (rate - x) / lambda inside, 1 above, 0 below.
/// x, rate: (N, C, ...); lambda: (C,).
torch::Tensor rate_activation(const torch::Tensor& x, const torch::Tensor& rate, const torch::Tensor& lambda);

}  // namespace neurocuda::conversion
