#include "conversion/layerwise/ridge_regression.hpp"

#include <algorithm>
#include <array>

namespace neurocuda::conversion::layerwise {
namespace {

constexpr std::array kLambdas{0.001, 0.01, 0.1, 1.0, 10.0};

torch::Tensor with_ones(const torch::Tensor& x) { return torch::cat({x, torch::ones({x.size(0), 1}, x.options())}, 1); }

}  // namespace

void NormalEquations::add(const torch::Tensor& x, const torch::Tensor& y, const torch::Tensor& w0) {
  const auto inputs = with_ones(x);
  if (!gram.defined()) {
    gram = torch::zeros({inputs.size(1), inputs.size(1)}, x.options());
    moments = torch::zeros({inputs.size(1), y.size(1)}, x.options());
    squares = torch::zeros({y.size(1)}, y.options().dtype(torch::kFloat64));
    wanted = torch::zeros_like(squares);
    wanted_squares = torch::zeros_like(squares);
  }
  const auto left = y - inputs.matmul(w0);
  gram.addmm_(inputs.t(), inputs);
  moments.addmm_(inputs.t(), left);
  squares += left.square().sum(0, false, torch::kFloat64);
  wanted += y.sum(0, false, torch::kFloat64);
  wanted_squares += y.square().sum(0, false, torch::kFloat64);
  rows += x.size(0);
}

void NormalEquations::add(const NormalEquations& more) {
  if (!more.gram.defined()) return;
  const auto sum = [](torch::Tensor& total, const torch::Tensor& part) {
    const auto wide = part.to(torch::kFloat64);
    if (total.defined()) {
      total += wide;
    } else {
      total = wide.clone();
    }
  };
  sum(gram, more.gram);
  sum(moments, more.moments);
  sum(squares, more.squares);
  sum(wanted, more.wanted);
  sum(wanted_squares, more.wanted_squares);
  rows += more.rows;
}

torch::Tensor NormalEquations::error(const torch::Tensor& change) const {
  const auto n = static_cast<double>(rows);
  const auto predicted = gram.matmul(change);  // (K + 1, O); its last row: the sum over the rows
  const auto squared = (change * predicted).sum(0) - 2 * (change * moments).sum(0) + squares;
  const auto mean = (moments[-1] - predicted[-1]) / n;
  return (squared / n - mean.square()).clamp_min(0);
}

torch::Tensor ridge(const NormalEquations& sums, const std::vector<std::int64_t>& widths, double lambda) {
  auto penalty = sums.gram.diagonal().clone();
  std::int64_t begin = 0;
  for (const std::int64_t width : widths) {
    auto part = penalty.narrow(0, begin, width);
    part.fill_(lambda * part.mean());
    begin += width;
  }
  penalty[-1] = 0;
  const auto matrix = sums.gram + torch::diag(penalty);
  const auto [factor, info] = at::linalg_cholesky_ex(matrix);
  if (info.item<int>() != 0) return torch::zeros_like(sums.moments);  // inputs that are all zero: nothing to learn from
  return at::cholesky_solve(sums.moments, factor);
}

Refit refit(NormalEquations& seen, const NormalEquations& held_out, const torch::Tensor& w0,
            const std::vector<std::int64_t>& widths,
            const std::function<void(std::int64_t, const std::function<void(std::int64_t)>&)>& in_parallel) {
  const auto before = held_out.error(torch::zeros_like(held_out.moments));
  std::array<torch::Tensor, kLambdas.size()> errors;
  in_parallel(kLambdas.size(), [&](std::int64_t i) {
    const auto at = static_cast<std::size_t>(i);
    errors[at] = held_out.error(ridge(seen, widths, kLambdas[at]));
  });
  // Outputs of different size count alike.
  const auto size = before.clamp_min(1e-300);
  std::size_t best = 0;
  for (std::size_t i = 1; i < errors.size(); ++i) {
    if (((errors[i] - errors[best]) / size).sum().item<double>() < 0) best = i;
  }
  const auto gains = errors[best] < before;
  seen.add(held_out);
  Refit result;
  result.refitted = gains.to(torch::kFloat64).mean().item<double>();
  result.lambda = result.refitted > 0 ? kLambdas[best] : 0;
  const auto rows = static_cast<double>(held_out.rows);
  const auto mean = held_out.wanted / rows;
  const double variance = (held_out.wanted_squares / rows - mean.square()).sum().item<double>();
  if (variance > 0) {
    result.error_before = before.sum().item<double>() / variance;
    result.error_after = torch::where(gains, errors[best], before).sum().item<double>() / variance;
  }
  result.weights = w0;
  if (result.refitted == 0) return result;
  const auto fitted = w0.to(torch::kFloat64) + ridge(seen, widths, kLambdas[best]);
  result.weights = torch::where(gains.unsqueeze(0), fitted, w0).to(torch::kFloat32);
  return result;
}

}  // namespace neurocuda::conversion::layerwise
