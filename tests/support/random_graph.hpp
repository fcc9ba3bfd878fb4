#pragma once

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "neurocuda/base/random.hpp"
#include "neurocuda/ir/analysis.hpp"
#include "neurocuda/ir/graph.hpp"

namespace neurocuda::testing {

inline Tensor<float> random_tensor(Random& random, Shape shape, double low, double high) {
  Tensor<float> tensor(std::move(shape));
  for (float& value : tensor.values()) value = static_cast<float>(low + (high - low) * random.uniform());
  return tensor;
}

namespace detail {

/// Builds one network front to back; `at_` is the node built last, always behind an activation between blocks.
class RandomGraphBuilder {
 public:
  RandomGraphBuilder(std::uint64_t seed, bool with_batch_norm) : random_(seed), with_batch_norm_(with_batch_norm) {}

  ir::Graph build() {
    graph_.name = "random";
    shape_ = {1 + random_.below(3), 6 + random_.below(5), 6 + random_.below(5)};
    at_ = graph_.add("input", ir::Input{shape_, normalization()});
    const std::int64_t channels = 4 + 2 * random_.below(3);  // even, so that two groups always divide them
    const std::int64_t stride = 1 + random_.below(2);
    at_ = convolution(at_, channels, 3, stride, 1);
    activation();
    for (std::int64_t blocks = 1 + random_.below(3); blocks > 0; --blocks) {
      residual_block();
      if (shape()[1] >= 4 && shape()[2] >= 4 && chance(2)) pool();
      if (chance(4)) at_ = graph_.add(name("identity"), ir::Identity{}, {at_});
    }
    classifier();
    return std::move(graph_);
  }

 private:
  bool chance(std::int64_t one_in) { return random_.below(one_in) == 0; }
  std::string name(const std::string& kind) { return graph_.unique_name(kind); }

  /// The shape of the node that was built last. Inferring all of them every time is cheap enough for such small graphs.
  const Shape& shape() { return shape_ = ir::infer_shapes(graph_).back(); }

  ir::Normalization normalization() {
    if (chance(3)) return {};
    const Tensor<float> mean = random_tensor(random_, {shape_[0]}, 0.3, 0.6);
    const Tensor<float> stddev = random_tensor(random_, {shape_[0]}, 0.2, 0.4);
    return {{mean.data(), mean.data() + shape_[0]}, {stddev.data(), stddev.data() + shape_[0]}};
  }

  /// Convolution, sometimes with groups, dilation or bias, and batch norm behind it. Square kernels of 1 or 3 keep the
  /// extents that a residual add needs: ceil(in / stride).
  ir::NodeId convolution(ir::NodeId from, std::int64_t channels, std::int64_t kernel, std::int64_t stride,
                         std::int64_t groups) {
    const std::int64_t dilation = kernel > 1 && chance(5) ? 2 : 1;
    const std::int64_t padding = dilation * (kernel - 1) / 2;
    const std::int64_t inputs = ir::infer_shapes(graph_)[from][0] / groups;
    const double bound = std::sqrt(6.0 / static_cast<double>(inputs * kernel * kernel));
    ir::Conv2d conv{.weight = random_tensor(random_, {channels, inputs, kernel, kernel}, -bound, bound),
                    .bias = {},
                    .window = {{kernel, kernel}, {stride, stride}, {padding, padding}, {dilation, dilation}},
                    .groups = groups};
    if (!with_batch_norm_ || chance(3)) conv.bias = random_tensor(random_, {channels}, -0.2, 0.2);
    const ir::NodeId id = graph_.add(name("conv"), std::move(conv), {from});
    return with_batch_norm_ ? batch_norm(id, channels) : id;
  }

  ir::NodeId batch_norm(ir::NodeId from, std::int64_t channels) {
    ir::BatchNorm2d norm{.gamma = random_tensor(random_, {channels}, 0.5, 1.5),
                         .beta = random_tensor(random_, {channels}, -0.3, 0.3),
                         .mean = random_tensor(random_, {channels}, -0.3, 0.3),
                         .variance = random_tensor(random_, {channels}, 0.5, 2.0)};
    return graph_.add(name("bn"), std::move(norm), {from});
  }

  void activation() { at_ = graph_.add(name("relu"), ir::ReLU{}, {at_}); }

  /// Two convolutions; the skip is an identity, or a 1x1 convolution where the shape changes.
  void residual_block() {
    const std::int64_t channels = shape()[0];
    const bool changes = chance(2);
    const std::int64_t wider = changes ? channels + 2 : channels;
    const std::int64_t stride = changes && shape()[1] > 3 && shape()[2] > 3 ? 2 : 1;
    const ir::NodeId start = at_;
    at_ = convolution(start, wider, 3, stride, 1);
    activation();
    // Drawn one by one: the order in which arguments are evaluated is the compiler's choice.
    const std::int64_t kernel = chance(3) ? 1 : 3;
    const std::int64_t groups = chance(4) ? wider : 1 + random_.below(2);
    at_ = convolution(at_, wider, kernel, 1, groups);
    const ir::NodeId skip = changes ? convolution(start, wider, 1, stride, 1) : start;
    const bool main_first = chance(2);
    const std::vector<ir::NodeId> sides = main_first ? std::vector{at_, skip} : std::vector{skip, at_};
    at_ = graph_.add(name("add"), ir::Add{}, sides);
    activation();
  }

  void pool() {
    const std::int64_t kernel = 2 + random_.below(2);
    const Window window{{kernel, kernel}, {2, 2}, {kernel / 2, kernel / 2}, {1, 1}};
    // A maximum is taken over spikes only, never over an average: the block before ends in an activation.
    at_ = chance(2) ? graph_.add(name("max_pool"), ir::MaxPool2d{window}, {at_})
                    : graph_.add(name("avg_pool"), ir::AvgPool2d{window}, {at_});
  }

  void classifier() {
    if (chance(2)) at_ = graph_.add("global_pool", ir::GlobalAvgPool{}, {at_});
    at_ = graph_.add("flatten", ir::Flatten{}, {at_});
    if (chance(3)) at_ = graph_.add("dropout", ir::Dropout{0.2F}, {at_});
    if (chance(3)) {
      linear("fc_hidden", 12);
      if (with_batch_norm_) at_ = batch_norm(at_, 12);
      activation();
    }
    linear("fc", 3 + random_.below(8));
    graph_.add("output", ir::Output{}, {at_});
  }

  void linear(const std::string& node, std::int64_t classes) {
    const std::int64_t features = shape()[0];
    const double bound = std::sqrt(3.0 / static_cast<double>(features));
    ir::Linear fc{.weight = random_tensor(random_, {classes, features}, -bound, bound), .bias = {}};
    if (!chance(4)) fc.bias = random_tensor(random_, {classes}, -0.2, 0.2);
    at_ = graph_.add(node, std::move(fc), {at_});
  }

  Random random_;
  bool with_batch_norm_;
  ir::Graph graph_;
  Shape shape_;
  ir::NodeId at_ = 0;
};

}  // namespace detail

/// A small random residual CNN of the supported ANN operators, ending in [GlobalAvgPool,] Flatten, Linear, Output. It
/// is valid and convertible once its batch norms are folded. The same seed gives the same graph.
inline ir::Graph random_graph(std::uint64_t seed, bool with_batch_norm) {
  return detail::RandomGraphBuilder(seed, with_batch_norm).build();
}

/// A normalised image (C, H, W) for the graph, values in [-1, 1].
inline std::vector<double> random_image(const ir::Graph& graph, std::uint64_t seed) {
  Random random(seed);
  std::vector<double> image(static_cast<std::size_t>(element_count(graph.input_operator().shape)));
  for (double& value : image) value = 2.0 * random.uniform() - 1.0;
  return image;
}

}  // namespace neurocuda::testing
