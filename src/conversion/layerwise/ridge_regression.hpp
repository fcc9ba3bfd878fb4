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

/// Ridge regression towards given weights w0, (K + 1, O): (moments + lambda m w0) (gram + lambda m I)^-1 with m the
/// mean of diag(gram) without its last entry; the constant costs nothing.
torch::Tensor ridge(const NormalEquations& sums, const torch::Tensor& w0, double lambda);

struct Refit {
  torch::Tensor weights;  ///< (K + 1, O), float32
  double lambda = 0;      ///< the chosen ridge; 0 where no output gained
  double refitted = 0;    ///< share of the outputs that gained
  double error_before = 0,
         error_after = 0;  ///< on what was held out, summed over outputs, relative to the variance of y
};

/// Chooses lambda by the error on `held_out` and solves with both; an output keeps w0 where that is no worse.
/// `in_parallel(count, work)` may run work(i) in any order.
Refit refit(const NormalEquations& seen, const NormalEquations& held_out, const torch::Tensor& w0,
            const std::function<void(std::int64_t, const std::function<void(std::int64_t)>&)>& in_parallel);

}  // namespace neurocuda::conversion::layerwise
