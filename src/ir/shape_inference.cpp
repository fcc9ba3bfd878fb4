#include <algorithm>

#include "neurocuda/base/error.hpp"
#include "neurocuda/ir/analysis.hpp"

namespace neurocuda::ir {
namespace {

/// The output shape of one node; a call operator per operator.
struct ShapeRule {
  const Node& node;
  const std::vector<const Shape*>& inputs;

  const Shape& in() const { return *inputs[0]; }

  template <class... Args>
  [[noreturn]] void refuse(fmt::format_string<Args...> format, Args&&... args) const {
    fail("{}: {}", label(node), fmt::format(format, std::forward<Args>(args)...));
  }

  void require_image() const {
    if (in().size() != 3) refuse("needs an image (C, H, W), not {}; check what it reads", to_string(in()));
  }

  Shape slide(std::int64_t channels, const Window& window) const {
    check_window(window);
    const Size2 size = output_size(window, {in()[1], in()[2]});
    if (size.height < 1 || size.width < 1) {
      refuse("its {} window does not fit the input {} padded by {}; use a smaller kernel or a larger image",
             to_string(window.kernel), to_string(in()), to_string(window.padding));
    }
    return {channels, size.height, size.width};
  }

  void check_window(const Window& window) const {
    constexpr std::int64_t kLimit = 1 << 20;  // keeps output_size far from overflow on malformed files
    const auto within = [&](Size2 size, std::int64_t low) {
      return std::min(size.height, size.width) >= low && std::max(size.height, size.width) <= kLimit;
    };
    if (!within(window.kernel, 1)) refuse("kernel {} is not between 1 and {}", to_string(window.kernel), kLimit);
    if (!within(window.stride, 1)) refuse("stride {} is not between 1 and {}", to_string(window.stride), kLimit);
    if (!within(window.dilation, 1)) refuse("dilation {} is not between 1 and {}", to_string(window.dilation), kLimit);
    if (!within(window.padding, 0)) refuse("padding {} is not between 0 and {}", to_string(window.padding), kLimit);
  }

  Shape pool(const Window& window) const {
    require_image();
    if (window.dilation != Size2{1, 1})
      refuse("dilation {} is not supported in pooling; use 1", to_string(window.dilation));
    if (2 * window.padding.height > window.kernel.height || 2 * window.padding.width > window.kernel.width) {
      refuse("padding {} is more than half the kernel {}; use less padding", to_string(window.padding),
             to_string(window.kernel));
    }
    return slide(in()[0], window);
  }

  /// Per-channel parameters over (C, H, W) or (C,).
  Shape per_channel(const Tensor<float>& parameter, const char* what) const {
    if (in().size() != 3 && in().size() != 1)
      refuse("needs (C, H, W) or (C,), not {}; check what it reads", to_string(in()));
    if (parameter.shape() != Shape{in()[0]}) {
      refuse("its {} has shape {}, but the input {} has {} channels", what, to_string(parameter.shape()),
             to_string(in()), in()[0]);
    }
    return in();
  }

  void check_bias(const std::optional<Tensor<float>>& bias, std::int64_t channels) const {
    if (bias && bias->shape() != Shape{channels}) {
      refuse("its bias has shape {}, but there are {} output channels", to_string(bias->shape()), channels);
    }
  }

  Shape operator()(const Input& op) const {
    const bool valid = (op.shape.size() == 1 || op.shape.size() == 3) && element_count(op.shape) > 0;
    if (!valid) refuse("shape {} is neither (C, H, W) nor (features,) with positive extents", to_string(op.shape));
    return op.shape;
  }

  Shape operator()(const Conv2d& op) const {
    require_image();
    const Shape& weight = op.weight.shape();
    if (weight.size() != 4) refuse("its weight has shape {}, not (O, I / groups, KH, KW)", to_string(weight));
    if (op.groups < 1 || in()[0] % op.groups != 0 || weight[0] % op.groups != 0) {
      refuse("groups = {} does not divide its {} input and {} output channels", op.groups, in()[0], weight[0]);
    }
    if (weight[0] < 1 || weight[1] != in()[0] / op.groups) {
      refuse("its weight {} with groups = {} does not fit the {} input channels of {}", to_string(weight), op.groups,
             in()[0], to_string(in()));
    }
    if (Size2{weight[2], weight[3]} != op.window.kernel) {
      refuse("its weight {} does not have the kernel {}", to_string(weight), to_string(op.window.kernel));
    }
    check_bias(op.bias, weight[0]);
    if (op.window.ceil_mode) refuse("ceil mode is for pools");
    return slide(weight[0], op.window);
  }

  Shape operator()(const Linear& op) const {
    const Shape& weight = op.weight.shape();
    if (in().size() != 1) refuse("needs (features,), not {}; put a Flatten before it", to_string(in()));
    if (weight.size() != 2 || weight[0] < 1 || weight[1] != in()[0]) {
      refuse("its weight {} does not fit {} input features; it must be (O, {})", to_string(weight), in()[0], in()[0]);
    }
    check_bias(op.bias, weight[0]);
    return {weight[0]};
  }

  Shape operator()(const BatchNorm2d& op) const {
    per_channel(op.gamma, "gamma");
    per_channel(op.beta, "beta");
    per_channel(op.mean, "mean");
    return per_channel(op.variance, "variance");
  }

  void check_table(const Tensor<float>& table) const {
    if (table.empty() || (table.shape().size() == 2 && table.extent(1) == in()[0])) return;
    refuse("its biases by timestep have shape {}; they must be (timesteps, {})", to_string(table.shape()), in()[0]);
  }

  Shape operator()(const IF& op) const {
    per_channel(op.v0, "v0");
    check_table(op.bias_by_timestep);
    return per_channel(op.theta, "theta");
  }

  Shape operator()(const Add&) const {
    if (in() != *inputs[1]) {
      refuse("adds {} and {}; both inputs must have the same shape", to_string(in()), to_string(*inputs[1]));
    }
    return in();
  }

  Shape operator()(const Concat&) const {
    Shape shape = in();
    for (std::size_t i = 1; i < inputs.size(); ++i) {
      const Shape& next = *inputs[i];
      if (next.size() != shape.size() || !std::equal(next.begin() + 1, next.end(), shape.begin() + 1)) {
        refuse("puts {} and {} behind one another; all but the channels must be equal", to_string(in()),
               to_string(next));
      }
      shape[0] += next[0];
    }
    return shape;
  }

  Shape operator()(const Slice& op) const {
    Shape shape = in();
    if (op.begin < 0 || op.count < 1 || op.begin > shape[0] - op.count) {
      refuse("takes {} channels from channel {} of {}", op.count, op.begin, to_string(in()));
    }
    shape[0] = op.count;
    return shape;
  }

  Shape operator()(const GlobalAvgPool&) const {
    require_image();
    return {in()[0], 1, 1};
  }

  Shape operator()(const QCFS& op) const { return per_channel(op.lambda, "lambda"); }
  Shape operator()(const AvgPool2d& op) const {
    Window floored = op.window;
    floored.ceil_mode = false;
    if (pool(op.window) != pool(floored)) {
      refuse("in ceil mode its last window reaches over the border and has another area; leave ceil mode out");
    }
    return pool(floored);
  }
  Shape operator()(const MaxPool2d& op) const {
    const Shape made = pool(op.window);
    const auto flags = static_cast<std::int64_t>(op.takes_minimum.size());
    if (flags != 0 && flags != made[0])
      fail("{}: says of {} channels whether they take the minimum, and has {}", label(node), flags, made[0]);
    return made;
  }
  Shape operator()(const Flatten&) const { return {element_count(in())}; }
  Shape operator()(const ReLU&) const { return in(); }
  Shape operator()(const Identity&) const { return in(); }
  Shape operator()(const Dropout&) const { return in(); }
  Shape operator()(const Output& op) const {
    check_table(op.bias_by_timestep);
    return in();
  }
};

}  // namespace

void infer_more_shapes(const Graph& graph, std::vector<Shape>& shapes) {
  shapes.reserve(graph.size());
  while (shapes.size() < graph.size()) {
    const Node& node = graph.node(shapes.size());
    std::vector<const Shape*> inputs;
    for (const NodeId input : node.inputs) inputs.push_back(&shapes[input]);
    shapes.push_back(std::visit(ShapeRule{node, inputs}, node.op));
    try {
      element_count(shapes.back());
    } catch (const UserError& error) {
      fail("{}: {}", label(node), error.what());
    }
  }
}

std::vector<Shape> infer_shapes(const Graph& graph) {
  std::vector<Shape> shapes;
  infer_more_shapes(graph, shapes);
  return shapes;
}

}  // namespace neurocuda::ir
