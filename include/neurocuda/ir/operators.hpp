#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "neurocuda/base/shape.hpp"
#include "neurocuda/base/tensor.hpp"

namespace neurocuda::ir {

/// How raw pixels in [0, 1] become network inputs: (pixel - mean) / stddev per channel. Empty vectors
/// mean that the file does not say; the data set's own values are used then.
struct Normalization {
  std::vector<float> mean;
  std::vector<float> stddev;
  bool empty() const { return mean.empty(); }
  bool operator==(const Normalization&) const = default;
};

/// The image (C, H, W), or features (C,), without the batch axis. Of a spiking network it may be a spike train, one 0/1
/// image for every timestep; the ANN before it reads their mean.
struct Input {
  Shape shape;
  Normalization normalization;
  bool spike_train = false;
};
/// 2-D cross-correlation. weight (O, I / groups, KH, KW); bias (O,) or absent. window.kernel equals (KH, KW).
struct Conv2d {
  Tensor<float> weight;
  std::optional<Tensor<float>> bias;
  Window window;
  std::int64_t groups = 1;
};
/// y = W x + b over a (features,) input. weight (O, I).
struct Linear {
  Tensor<float> weight;
  std::optional<Tensor<float>> bias;
};
/// y = gamma (x - mean) / sqrt(variance + epsilon) + beta, all (C,), over (C, H, W) or (C,).
struct BatchNorm2d {
  Tensor<float> gamma, beta, mean, variance;
  float epsilon = 1e-5F;
};
/// min(max(x, 0), cap): a plain ReLU unless a cap is given (ReLU6, Clip).
struct ReLU {
  float cap = std::numeric_limits<float>::infinity();
  bool capped() const { return cap < std::numeric_limits<float>::infinity(); }
};
/// Quantised clip-floor-shift activation (Bu et al. 2022, arXiv 2303.04347):
/// h(x) = lambda clip(floor(x L / lambda + 1/2) / L, 0, 1), lambda (C,) positive, L = levels.
struct QCFS {
  Tensor<float> lambda;
  std::int64_t levels = 8;
};
/// Integrate-and-fire neurons, soft reset: v += x; s = [v >= theta]; v -= theta s. The output is theta s.
/// theta, v0: (C,). Biases by timestep, (T', C) or empty, are added to the current: those of the first T' timesteps,
/// beyond them their mean. Signed ones have s = -1 where v < 0 and the sum of their spikes so far is positive.
struct IF {
  Tensor<float> theta, v0;
  Tensor<float> bias_by_timestep{};
  bool is_signed = false;
};
/// Elementwise sum of two values of one shape (a residual merge). Both inputs may be the same node.
struct Add {};
/// `count` values of one height and width behind one another along the channels (or features).
struct Concat {
  std::size_t count = 2;
};
/// The channels (or features) begin .. begin + count - 1.
struct Slice {
  std::int64_t begin = 0;
  std::int64_t count = 1;
};
/// Zero padding counts as part of the area.
struct AvgPool2d {
  Window window;
};
/// Mean over H and W: (C, H, W) -> (C, 1, 1).
struct GlobalAvgPool {};
/// Padding takes no part.
struct MaxPool2d {
  Window window;
  std::vector<std::uint8_t> takes_minimum{};  ///< (C,), 1: the minimum; empty: the maximum everywhere
};
/// (C, H, W) -> (C H W,).
struct Flatten {};
struct Identity {};
/// Nothing at inference; only training uses the rate.
struct Dropout {
  float rate = 0.5F;
};
/// The logits. Of a spiking network they may have biases by timestep, as IF has them.
struct Output {
  Tensor<float> bias_by_timestep{};
};

using Operator = std::variant<Input, Conv2d, Linear, BatchNorm2d, ReLU, QCFS, IF, Add, Concat, Slice, AvgPool2d,
                              GlobalAvgPool, MaxPool2d, Flatten, Identity, Dropout, Output>;

/// "Conv2d", "ReLU", ...: the name users see.
std::string_view operator_name(const Operator& op);
/// How many inputs the operator takes.
std::size_t arity(const Operator& op);

}  // namespace neurocuda::ir
