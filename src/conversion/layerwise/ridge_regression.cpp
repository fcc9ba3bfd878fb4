#include "conversion/layerwise/ridge_regression.hpp"

#include <algorithm>
#include <array>

namespace neurocuda::conversion::layerwise {
namespace {

constexpr std::array kLambdas{0.001, 0.01, 0.1};

torch::Tensor with_ones(const torch::Tensor& x) { return torch::cat({x, torch::ones({x.size(0), 1}, x.options())}, 1); }

}  // namespace

void NormalEquations::add(const torch::Tensor& x, const torch::Tensor& y) {
  const auto inputs = with_ones(x);
  if (!gram.defined()) {
    gram = torch::zeros({inputs.size(1), inputs.size(1)}, x.options());
    moments = torch::zeros({inputs.size(1), y.size(1)}, x.options());
    squares = torch::zeros({y.size(1)}, y.options().dtype(torch::kFloat64));
  }
  gram.addmm_(inputs.t(), inputs);
  moments.addmm_(inputs.t(), y);
  squares += y.square().sum(0, false, torch::kFloat64);
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
  rows += more.rows;
}

torch::Tensor NormalEquations::error(const torch::Tensor& w) const {
  const auto n = static_cast<double>(rows);
  const auto predicted = gram.matmul(w);  // (K + 1, O); its last row: the sum of the predictions
  const auto squared = (w * predicted).sum(0) - 2 * (w * moments).sum(0) + squares;
  const auto mean = (moments[-1] - predicted[-1]) / n;
  return (squared / n - mean.square()).clamp_min(0);
}

torch::Tensor ridge(const NormalEquations& sums, const torch::Tensor& w0, const std::vector<std::int64_t>& widths,
                    double lambda) {
  auto penalty = sums.gram.diagonal().clone();
  std::int64_t begin = 0;
  for (const std::int64_t width : widths) {
    auto part = penalty.narrow(0, begin, width);
    part.fill_(lambda * part.mean());
    begin += width;
  }
  penalty[-1] = 0;
  const auto matrix = sums.gram + torch::diag(penalty);
  const auto target = sums.moments + penalty.unsqueeze(1) * w0;
  const auto [factor, info] = at::linalg_cholesky_ex(matrix);
  if (info.item<int>() != 0) return w0;  // inputs that are all zero: nothing to learn from
  return at::cholesky_solve(target, factor);
}

Refit refit(NormalEquations& seen, const NormalEquations& held_out, const torch::Tensor& w0,
            const std::vector<std::int64_t>& widths,
            const std::function<void(std::int64_t, const std::function<void(std::int64_t)>&)>& in_parallel) {
  const auto start = w0.to(torch::kFloat64);
  const auto before = held_out.error(start);
  std::array<torch::Tensor, kLambdas.size()> errors;
  in_parallel(kLambdas.size(), [&](std::int64_t i) {
    const auto at = static_cast<std::size_t>(i);
    errors[at] = held_out.error(ridge(seen, start, widths, kLambdas[at]));
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
  const auto mean = held_out.moments[-1] / static_cast<double>(held_out.rows);
  const double variance = (held_out.squares / static_cast<double>(held_out.rows) - mean.square()).sum().item<double>();
  if (variance > 0) {
    result.error_before = before.sum().item<double>() / variance;
    result.error_after = torch::where(gains, errors[best], before).sum().item<double>() / variance;
  }
  const auto fitted = result.refitted > 0 ? ridge(seen, start, widths, kLambdas[best]) : start;
  result.weights = torch::where(gains.unsqueeze(0), fitted, start).to(torch::kFloat32);
  return result;
}

}  // namespace neurocuda::conversion::layerwise
