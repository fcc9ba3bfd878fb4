// Every integer operator against libtorch: the membranes and spikes that the reference recorded are computed again from
// the recorded spikes of the sources with libtorch's convolutions in double precision, which is exact for these
// integers.
#include <gtest/gtest.h>

#include <set>

#include "neurocuda/neurons/libtorch.hpp"
#include "neurocuda/program/biases.hpp"
#include "neurocuda/runtime/backends.hpp"
#include "support/random_program.hpp"

namespace neurocuda::network {
namespace {

constexpr int kTimesteps = 5;
constexpr std::int64_t kImages = 2;

std::vector<std::int64_t> pair(const Size2& size) { return {size.height, size.width}; }

torch::Tensor as_double(const Tensor<std::int8_t>& weight) {
  return torch::from_blob(const_cast<std::int8_t*>(weight.data()), weight.shape(), torch::kInt8).to(torch::kFloat64);
}

torch::Tensor as_double(const std::vector<std::int32_t>& values) {
  return torch::tensor(values, torch::kInt32).to(torch::kFloat64);
}

/// Recomputes a run node by node; values are (images x timesteps, C, H, W) or (images x timesteps, C).
class Recomputation {
 public:
  Recomputation(const program::Program& program, const program::EncodedInput& input, const runtime::RunResult& result)
      : program_(program), result_(result), values_(program.nodes.size()) {
    Shape shape = input.shape();
    auto q = torch::from_blob(const_cast<std::int8_t*>(input.data()), shape, torch::kInt8).to(torch::kFloat64);
    if (program.input().encoding == program::InputEncoding::constant_current)
      q = q.repeat_interleave(kTimesteps, 0);
    else
      q = q.flatten(0, 1);
    values_[0] = q;
  }

  void check() {
    std::size_t layer = 0;
    for (std::size_t i = 1; i < program_.nodes.size(); ++i) {
      const program::Node& node = program_.nodes[i];
      if (const auto* neurons = node.as<program::IfLayer>()) check_layer(i, *neurons, result_.record().layers[layer++]);
      if (const auto* pool = node.as<program::SumPool>()) values_[i] = sum_pool(values_[pool->source], pool->window);
      if (const auto* pool = node.as<program::OrPool>()) {
        const bool counts = pool->rule == program::MaxPoolRule::maximum_of_counts;
        const torch::Tensor& spikes = values_[pool->source];
        values_[i] = counts ? pool_of_counts(spikes, *pool) : sum_pool(spikes, pool->window).gt(0).to(torch::kFloat64);
      }
      if (const auto* output = node.as<program::Accumulator>()) check_accumulator(node, *output);
    }
  }

  std::set<std::string> covered;

 private:
  // A convolution with ones: libtorch's own pools refuse dilations and paddings that Programs may have.
  static torch::Tensor sum_pool(const torch::Tensor& x, const Window& w) {
    const auto ones = torch::ones({x.size(1), 1, w.kernel.height, w.kernel.width}, torch::kFloat64);
    return torch::conv2d(with_last_windows(x, w), ones, {}, pair(w.stride), pair(w.padding), pair(w.dilation),
                         x.size(1));
  }

  // The largest of each tap's values; beyond the border there are none.
  static torch::Tensor max_pool(const torch::Tensor& x, const Window& w) {
    const Size2 out = output_size(w, {x.size(2), x.size(3)});
    constexpr double kNone = -1e9;
    const std::int64_t room = 64;
    const auto padded = torch::constant_pad_nd(x, {w.padding.width, room, w.padding.height, room}, kNone);
    auto largest = torch::full({x.size(0), x.size(1), out.height, out.width}, kNone, torch::kFloat64);
    for (std::int64_t ky = 0; ky < w.kernel.height; ++ky) {
      for (std::int64_t kx = 0; kx < w.kernel.width; ++kx) {
        const std::int64_t top = ky * w.dilation.height, left = kx * w.dilation.width;
        const auto rows = padded.slice(2, top, top + (out.height - 1) * w.stride.height + 1, w.stride.height);
        const auto tap = rows.slice(3, left, left + (out.width - 1) * w.stride.width + 1, w.stride.width);
        largest = torch::maximum(largest, tap);
      }
    }
    return torch::where(largest == kNone, torch::zeros_like(largest), largest);
  }

  static torch::Tensor pool_of_counts(const torch::Tensor& spikes, const program::OrPool& pool) {
    std::vector<double> signs(static_cast<std::size_t>(spikes.size(1)), 1.0);
    for (std::size_t c = 0; c < pool.takes_minimum.size(); ++c) signs[c] = pool.takes_minimum[c] != 0 ? -1.0 : 1.0;
    const auto sign = torch::tensor(signs, torch::kFloat64).view({1, -1, 1, 1});
    const auto counts = spikes.unflatten(0, {kImages, kTimesteps}).cumsum(1).flatten(0, 1);
    const auto pooled = (max_pool(counts * sign, pool.window) * sign).unflatten(0, {kImages, kTimesteps});
    const auto before = torch::cat({torch::zeros_like(pooled.narrow(1, 0, 1)), pooled.narrow(1, 0, kTimesteps - 1)}, 1);
    return (pooled - before).flatten(0, 1);
  }

  // In ceil mode: zeros behind the input, so that the windows that reach over the border are whole.
  static torch::Tensor with_last_windows(const torch::Tensor& x, const Window& w) {
    Window floored = w;
    floored.ceil_mode = false;
    const Size2 size{x.size(2), x.size(3)}, out = output_size(w, size), whole = output_size(floored, size);
    return torch::constant_pad_nd(
        x, {0, (out.width - whole.width) * w.stride.width, 0, (out.height - whole.height) * w.stride.height});
  }

  torch::Tensor group_current(const program::SynapseGroup& group) {
    const torch::Tensor& x = values_[static_cast<std::size_t>(group.source)];
    torch::Tensor sum;
    if (const auto* conv = std::get_if<program::Conv>(&group.connection)) {
      const Window& w = conv->window;
      sum = torch::conv2d(x, as_double(conv->weight), {}, pair(w.stride), pair(w.padding), pair(w.dilation),
                          conv->groups);
      covered.insert("conv");
      if (w.dilation.height > 1 || w.dilation.width > 1) covered.insert("dilation");
      if (w.stride.height > 1 || w.stride.width > 1) covered.insert("stride");
      if (conv->groups > 1) covered.insert("groups");
      if (w.kernel.height != w.kernel.width) covered.insert("asymmetric kernel");
    } else if (const auto* linear = std::get_if<program::Linear>(&group.connection)) {
      sum = torch::linear(x.flatten(1), as_double(linear->weight));
      covered.insert("linear");
    } else {
      sum = x * along_channels(as_double(std::get<program::Diagonal>(group.connection).weight), x);
      covered.insert("diagonal");
    }
    std::vector<std::int32_t> factors;
    for (const auto shift : group.shift) factors.push_back(1 << shift);
    return sum * along_channels(as_double(factors), sum);
  }

  static torch::Tensor along_channels(const torch::Tensor& values, const torch::Tensor& like) {
    return like.dim() == 4 ? values.view({1, -1, 1, 1}) : values.view({1, -1});
  }

  /// (images, timesteps, neurons) in (C, H, W) order, bias included.
  template <class Layer>
  torch::Tensor total_current(const Layer& layer) {
    torch::Tensor total;
    for (const auto& group : layer.groups) {
      const auto current = group_current(group);
      total = total.defined() ? total + current.reshape(total.sizes()) : current;
    }
    total = total.reshape({kImages, kTimesteps, static_cast<std::int64_t>(layer.bias.size()), -1});
    std::vector<torch::Tensor> biases;
    for (int t = 0; t < kTimesteps; ++t) biases.push_back(as_double(program::biases_at(layer, t)));
    if (!layer.bias_by_timestep.empty()) covered.insert("biases by timestep");
    return (total + torch::stack(biases).view({1, kTimesteps, -1, 1})).flatten(2);
  }

  void check_layer(std::size_t index, const program::IfLayer& layer, const runtime::LayerRecord& record) {
    const program::Node& node = program_.nodes[index];
    const auto current = total_current(layer);
    const auto plane = program::plane(node.shape);
    const auto theta = as_double(layer.theta).repeat_interleave(plane),
               v0 = as_double(layer.v0).repeat_interleave(plane);
    auto v = v0.expand({kImages, -1}).clone();
    auto sum = torch::zeros_like(v);
    const bool is_signed = layer.neuron == program::NeuronKind::signed_;
    if (is_signed) covered.insert("signed neurons");
    std::vector<torch::Tensor> spikes;
    for (int t = 0; t < kTimesteps; ++t) {
      v = v + current.select(1, t);
      spikes.push_back(v.ge(theta).to(torch::kFloat64));
      if (is_signed) spikes.back() = spikes.back() - v.lt(0).logical_and(sum.gt(0)).to(torch::kFloat64);
      sum = sum + spikes.back();
      v = v - spikes.back() * theta;
      const auto vs = v.contiguous(), ss = spikes.back().contiguous();
      for (std::int64_t n = 0; n < kImages; ++n) {
        for (std::int64_t j = 0; j < record.neurons; ++j) {
          ASSERT_EQ(record.membrane_row(n, t)[j],
                    static_cast<std::int64_t>(vs.data_ptr<double>()[n * record.neurons + j]))
              << node.name;
          ASSERT_EQ(record.spike(n, t, j), ss.data_ptr<double>()[n * record.neurons + j]) << node.name;
        }
      }
    }
    Shape shape = node.shape;
    shape.insert(shape.begin(), kImages * kTimesteps);
    values_[index] = torch::stack(spikes, 1).reshape(shape);
  }

  void check_accumulator(const program::Node& node, const program::Accumulator& output) {
    const auto sums = total_current(output).cumsum(1).contiguous();
    ASSERT_EQ(sums.numel(), result_.accumulators_by_timestep().size());
    for (std::int64_t i = 0; i < sums.numel(); ++i) {
      ASSERT_EQ(result_.accumulators_by_timestep()[i], static_cast<std::int64_t>(sums.data_ptr<double>()[i]))
          << node.name;
    }
  }

  const program::Program& program_;
  const runtime::RunResult& result_;
  std::vector<torch::Tensor> values_;
};

TEST(IntegerOperators, EqualLibtorchOnRandomPrograms) {
  std::set<std::string> covered;
  for (std::uint64_t seed = 0; seed < 120; ++seed) {
    const program::Program program = testing::random_program(seed);
    const auto input = testing::random_input(program, kImages, kTimesteps, seed);
    const auto result = runtime::compile(program, "reference")
                            ->run(input, {kTimesteps, 1, program::Mode::synchronous, runtime::kEverything});
    Recomputation recomputation(program, input, result);
    recomputation.check();
    if (HasFatalFailure()) FAIL() << "random_program(" << seed << ")";
    covered.insert(recomputation.covered.begin(), recomputation.covered.end());
  }
  EXPECT_EQ(covered, (std::set<std::string>{"asymmetric kernel", "biases by timestep", "conv", "diagonal", "dilation",
                                            "groups", "linear", "stride", "signed neurons"}));
}

}  // namespace
}  // namespace neurocuda::network
