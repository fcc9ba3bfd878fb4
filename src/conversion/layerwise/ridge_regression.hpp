#pragma once

#include <functional>
#include <vector>

#include "neurocuda/neurons/libtorch.hpp"

namespace neurocuda::conversion::layerwise {

/// Sums over rows of (x, 1) and of what given weights leave of y, y - (x, 1) w0: what least squares needs of them and
/// no more. The remainder is small where the weights are nearly right, and sums of it round little. K inputs, O
/// outputs.
struct NormalEquations {
  torch::Tensor gram;            ///< (K + 1, K + 1): sum of (x, 1)' (x, 1)
  torch::Tensor moments;         ///< (K + 1, O): sum of (x, 1)' (y - (x, 1) w0)
  torch::Tensor squares;         ///< (O,): sum of (y - (x, 1) w0)^2
  torch::Tensor wanted;          ///< (O,): sum of y
  torch::Tensor wanted_squares;  ///< (O,): sum of y^2
  std::int64_t rows = 0;

  /// x (rows, K), y (rows, O), w0 (K + 1, O). Sums in float32.
  void add(const torch::Tensor& x, const torch::Tensor& y, const torch::Tensor& w0);
  /// In float64 from here on.
  void add(const NormalEquations& more);

  /// Mean square of y - (x, 1) (w0 + change) over the rows, by output, for the best constant: (O,). change (K + 1, O).
  torch::Tensor error(const torch::Tensor& change) const;
};

/// Ridge regression towards the given weights: how they should change, (K + 1, O), float64: (gram + lambda M)^-1
/// moments with M diagonal, the mean of diag(gram) over each part of the inputs; `widths`, K in all, says how wide the
/// parts are. So a part whose unit changes gets the same weights in its new unit. The constant costs nothing.
torch::Tensor ridge(const NormalEquations& sums, const std::vector<std::int64_t>& widths, double lambda);

struct Refit {
  torch::Tensor weights;  ///< (K + 1, O), float32
  double lambda = 0;      ///< the chosen ridge; 0 where no output gained
  double refitted = 0;    ///< share of the outputs that gained
  double error_before = 0,
         error_after = 0;  ///< on what was held out, summed over outputs, relative to the variance of y
};

/// Chooses lambda by the error on `held_out` and solves with both; an output keeps w0, (K + 1, O), where that is no
/// worse. `seen` then holds both: a copy would be large. `in_parallel(count, work)` may run work(i) in any order.
Refit refit(NormalEquations& seen, const NormalEquations& held_out, const torch::Tensor& w0,
            const std::vector<std::int64_t>& widths,
            const std::function<void(std::int64_t, const std::function<void(std::int64_t)>&)>& in_parallel);

}  // namespace neurocuda::conversion::layerwise
