#pragma once

#include <functional>
#include <vector>

#include "neurocuda/neurons/libtorch.hpp"

namespace neurocuda::conversion::layerwise {

/// Sums over rows of (x, 1) and y for least squares: what is needed of them and no more. K inputs, O outputs.
struct NormalEquations {
  torch::Tensor gram;     ///< (K + 1, K + 1): sum of (x, 1)' (x, 1)
  torch::Tensor moments;  ///< (K + 1, O): sum of (x, 1)' y
  torch::Tensor squares;  ///< (O,): sum of y^2
  std::int64_t rows = 0;

  /// x (rows, K), y (rows, O). Sums in float32.
  void add(const torch::Tensor& x, const torch::Tensor& y);
  /// In float64 from here on.
  void add(const NormalEquations& more);

  /// Mean square of y - (x, 1) w over the rows, by output, for the best constant: (O,). w (K + 1, O).
  torch::Tensor error(const torch::Tensor& w) const;
};

/// Ridge regression towards given weights w0, (K + 1, O): (gram + lambda M)^-1 (moments + lambda M w0) with M diagonal,
/// the mean of diag(gram) over each part of the inputs; `widths`, K in all, says how wide the parts are. So a part
/// whose unit changes by a power of two gets the same weights in its new unit. The constant costs nothing.
torch::Tensor ridge(const NormalEquations& sums, const torch::Tensor& w0, const std::vector<std::int64_t>& widths,
                    double lambda);

struct Refit {
  torch::Tensor weights;  ///< (K + 1, O), float32
  double lambda = 0;      ///< the chosen ridge; 0 where no output gained
  double refitted = 0;    ///< share of the outputs that gained
  double error_before = 0,
         error_after = 0;  ///< on what was held out, summed over outputs, relative to the variance of y
};

/// Chooses lambda by the error on `held_out` and solves with both; an output keeps w0 where that is no worse. `seen`
/// then holds both: a copy would be large. `in_parallel(count, work)` may run work(i) in any order.
Refit refit(NormalEquations& seen, const NormalEquations& held_out, const torch::Tensor& w0,
            const std::vector<std::int64_t>& widths,
            const std::function<void(std::int64_t, const std::function<void(std::int64_t)>&)>& in_parallel);

}  // namespace neurocuda::conversion::layerwise
