#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "neurocuda/base/error.hpp"
#include "neurocuda/ir/analysis.hpp"
#include "neurocuda/ir/graph.hpp"

/// A double-precision interpreter of ANN and QCFS graphs in plain loops: the yardstick for passes, file formats and
/// libtorch. IF nodes are refused, because they need time.
namespace neurocuda::testing {

using Values = std::vector<double>;

namespace detail {

/// (C, H, W) with row-major values; (C,) has H = W = 1.
struct Plane {
  std::int64_t channels, height, width;
  explicit Plane(const Shape& shape)
      : channels(shape[0]), height(shape.size() == 3 ? shape[1] : 1), width(shape.size() == 3 ? shape[2] : 1) {}
  std::int64_t area() const { return height * width; }
  std::int64_t at(std::int64_t c, std::int64_t y, std::int64_t x) const { return (c * height + y) * width + x; }
};

/// Calls visit(ky, kx, y, x) for the window's places that lie inside the input.
template <class Visit>
void for_each_tap(const Window& window, const Plane& in, std::int64_t oy, std::int64_t ox, const Visit& visit) {
  for (std::int64_t ky = 0; ky < window.kernel.height; ++ky) {
    for (std::int64_t kx = 0; kx < window.kernel.width; ++kx) {
      const std::int64_t y = oy * window.stride.height - window.padding.height + ky * window.dilation.height;
      const std::int64_t x = ox * window.stride.width - window.padding.width + kx * window.dilation.width;
      if (y >= 0 && y < in.height && x >= 0 && x < in.width) visit(ky, kx, y, x);
    }
  }
}

/// Evaluates one node; `in` and `out` are the planes of its first input and of its value.
struct Evaluator {
  const std::vector<const Values*>& inputs;
  Plane in;
  Plane out;

  const Values& x() const { return *inputs[0]; }

  Values operator()(const ir::Input&) const { throw InternalError("the input has its value already"); }
  Values operator()(const ir::IF&) const { throw InternalError("evaluate() has no time: IF nodes are refused"); }

  Values operator()(const ir::Conv2d& op) const {
    const std::int64_t in_group = op.weight.extent(1), out_group = out.channels / op.groups;
    return windowed([&](std::int64_t o, std::int64_t oy, std::int64_t ox) {
      double sum = op.bias ? (*op.bias)[o] : 0.0;
      for_each_tap(op.window, in, oy, ox, [&](auto ky, auto kx, auto iy, auto ix) {
        for (std::int64_t i = 0; i < in_group; ++i) {
          const std::int64_t tap = ((o * in_group + i) * op.window.kernel.height + ky) * op.window.kernel.width + kx;
          sum += op.weight[tap] * x()[in.at(o / out_group * in_group + i, iy, ix)];
        }
      });
      return sum;
    });
  }

  Values operator()(const ir::Linear& op) const {
    Values y(op.weight.extent(0));
    const std::int64_t features = op.weight.extent(1);
    for (std::int64_t o = 0; o < std::ssize(y); ++o) {
      y[o] = op.bias ? (*op.bias)[o] : 0.0;
      for (std::int64_t i = 0; i < features; ++i) y[o] += op.weight[o * features + i] * x()[i];
    }
    return y;
  }

  Values operator()(const ir::BatchNorm2d& op) const {
    return per_channel([&](double value, std::int64_t c) {
      return op.gamma[c] * (value - op.mean[c]) / std::sqrt(double{op.variance[c]} + op.epsilon) + op.beta[c];
    });
  }

  Values operator()(const ir::ReLU& op) const {
    return per_channel([&](double value, std::int64_t) { return std::clamp<double>(value, 0.0, op.cap); });
  }

  Values operator()(const ir::QCFS& op) const {
    const auto levels = static_cast<double>(op.levels);
    return per_channel([&](double value, std::int64_t c) {
      const double lambda = op.lambda[c];
      return lambda * std::clamp(std::floor(value * levels / lambda + 0.5) / levels, 0.0, 1.0);
    });
  }

  Values operator()(const ir::Add&) const {
    Values y = x();
    for (std::size_t i = 0; i < y.size(); ++i) y[i] += (*inputs[1])[i];
    return y;
  }

  Values operator()(const ir::Concat&) const {
    Values y;
    for (const Values* part : inputs) y.insert(y.end(), part->begin(), part->end());
    return y;
  }

  Values operator()(const ir::Slice& op) const {
    return {x().begin() + op.begin * in.area(), x().begin() + (op.begin + op.count) * in.area()};
  }

  Values operator()(const ir::AvgPool2d& op) const {
    const auto area = static_cast<double>(op.window.kernel.height * op.window.kernel.width);
    return windowed([&](std::int64_t c, std::int64_t oy, std::int64_t ox) {
      double sum = 0;
      for_each_tap(op.window, in, oy, ox, [&](auto, auto, auto iy, auto ix) { sum += x()[in.at(c, iy, ix)]; });
      return sum / area;
    });
  }

  Values operator()(const ir::MaxPool2d& op) const {
    return windowed([&](std::int64_t c, std::int64_t oy, std::int64_t ox) {
      const double sign = !op.takes_minimum.empty() && op.takes_minimum[static_cast<std::size_t>(c)] != 0 ? -1 : 1;
      double largest = -std::numeric_limits<double>::infinity();
      for_each_tap(op.window, in, oy, ox,
                   [&](auto, auto, auto iy, auto ix) { largest = std::max(largest, sign * x()[in.at(c, iy, ix)]); });
      return sign * largest;
    });
  }

  Values operator()(const ir::GlobalAvgPool&) const {
    Values y(in.channels, 0.0);
    for (std::size_t i = 0; i < x().size(); ++i) y[i / in.area()] += x()[i] / static_cast<double>(in.area());
    return y;
  }

  /// Flatten, Identity, Dropout, Output.
  template <class Op>
  Values operator()(const Op&) const {
    return x();
  }

 private:
  template <class Function>
  Values per_channel(const Function& function) const {
    Values y = x();
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = function(y[i], static_cast<std::int64_t>(i) / in.area());
    return y;
  }

  template <class Function>
  Values windowed(const Function& function) const {
    Values y;
    for (std::int64_t c = 0; c < out.channels; ++c) {
      for (std::int64_t oy = 0; oy < out.height; ++oy) {
        for (std::int64_t ox = 0; ox < out.width; ++ox) y.push_back(function(c, oy, ox));
      }
    }
    return y;
  }
};

}  // namespace detail

/// The value of every node, indexed by NodeId, for one (normalised) image in (C, H, W) order.
inline std::vector<Values> evaluate_nodes(const ir::Graph& graph, const Values& image) {
  const std::vector<Shape> shapes = ir::infer_shapes(graph);
  std::vector<Values> values(graph.size());
  for (ir::NodeId id = 0; id < graph.size(); ++id) {
    const ir::Node& node = graph.node(id);
    if (node.as<ir::Input>()) {
      ensure(std::ssize(image) == element_count(shapes[id]), "evaluate: the image does not fit the input");
      values[id] = image;
      continue;
    }
    std::vector<const Values*> inputs;
    for (const ir::NodeId input : node.inputs) inputs.push_back(&values[input]);
    const detail::Evaluator evaluator{inputs, detail::Plane(shapes[node.inputs[0]]), detail::Plane(shapes[id])};
    values[id] = std::visit(evaluator, node.op);
  }
  return values;
}

/// The value of the Output node: the logits.
inline Values evaluate(const ir::Graph& graph, const Values& image) {
  return evaluate_nodes(graph, image)[graph.output()];
}

}  // namespace neurocuda::testing
