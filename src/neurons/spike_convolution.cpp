#include "neurocuda/neurons/spike_convolution.hpp"

#include <ATen/ATen.h>

#include "neurocuda/neurons/channel_kernel.hpp"

namespace neurocuda::neurons {
namespace {

using Sizes = std::vector<std::int64_t>;

Sizes pair(const Size2& size) { return {size.height, size.width}; }

/// The scalar settings of one convolution, as autograd can keep them.
struct Settings {
  Sizes stride, padding, dilation;
  std::int64_t groups = 1;
  bool bf16 = false;

  void save(torch::autograd::AutogradContext& context) const {
    context.saved_data["stride"] = stride;
    context.saved_data["padding"] = padding;
    context.saved_data["dilation"] = dilation;
    context.saved_data["groups"] = groups;
    context.saved_data["bf16"] = bf16;
  }
  static Settings load(torch::autograd::AutogradContext& context) {
    auto& data = context.saved_data;
    return {data["stride"].toIntVector(), data["padding"].toIntVector(), data["dilation"].toIntVector(),
            data["groups"].toInt(), data["bf16"].toBool()};
  }
  torch::Tensor cast(const torch::Tensor& t) const { return bf16 && t.defined() ? t.to(torch::kBFloat16) : t; }
};

struct SpikeConvolution : torch::autograd::Function<SpikeConvolution> {
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& x,
                               const torch::Tensor& weight, const torch::Tensor& bias, const torch::Tensor& codes,
                               const torch::Tensor& theta, const Settings& settings) {
    context->save_for_backward({weight, codes, theta});
    settings.save(*context);
    return at::conv2d(settings.cast(x), settings.cast(weight), settings.cast(bias), settings.stride, settings.padding,
                      settings.dilation, settings.groups);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const Settings s = Settings::load(*context);
    const auto x = spikes_of(saved[1], saved[2], s.bf16 ? torch::kBFloat16 : torch::kFloat32);
    const Sizes biases{saved[0].size(0)};
    const auto [dx, dweight, dbias] = at::convolution_backward(
        s.cast(channels_innermost(gradients[0])), x, s.cast(saved[0]), at::OptionalIntArrayRef(biases), s.stride,
        s.padding, s.dilation, false, Sizes{0, 0}, s.groups,
        {context->needs_input_grad(0), context->needs_input_grad(1), context->needs_input_grad(2)});
    const auto wide = [](const torch::Tensor& t) { return t.defined() ? t.to(torch::kFloat32) : t; };
    return {dx, wide(dweight), wide(dbias), torch::Tensor(), torch::Tensor(), torch::Tensor()};
  }
};

struct LightAvgPool : torch::autograd::Function<LightAvgPool> {
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& x, const Sizes& kernel,
                               const Sizes& stride, const Sizes& padding) {
    context->saved_data["sizes"] = x.sizes().vec();
    context->saved_data["kernel"] = kernel;
    context->saved_data["stride"] = stride;
    context->saved_data["padding"] = padding;
    return at::avg_pool2d(x, kernel, stride, padding);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    auto& data = context->saved_data;
    const auto g = channels_innermost(gradients[0]);
    // Only its shape and layout are looked at.
    const auto input =
        torch::empty(data["sizes"].toIntVector(), g.options().memory_format(torch::MemoryFormat::ChannelsLast));
    const auto dx = at::avg_pool2d_backward(g, input, data["kernel"].toIntVector(), data["stride"].toIntVector(),
                                            data["padding"].toIntVector(), false, true, std::nullopt);
    return {dx, torch::Tensor(), torch::Tensor(), torch::Tensor()};
  }
};

}  // namespace

torch::Tensor spike_convolution(const Firing& spikes, const torch::Tensor& theta, const torch::Tensor& weight,
                                const torch::Tensor& bias, const Window& window, std::int64_t groups, bool bf16) {
  const Settings settings{pair(window.stride), pair(window.padding), pair(window.dilation), groups, bf16};
  const auto b = bias.defined() ? bias : torch::zeros({weight.size(0)}, weight.options().requires_grad(false));
  return SpikeConvolution::apply(spikes.output, weight, b, spikes.codes, theta.detach(), settings);
}

torch::Tensor light_avg_pool(const torch::Tensor& x, const Window& window) {
  return LightAvgPool::apply(x, pair(window.kernel), pair(window.stride), pair(window.padding));
}

}  // namespace neurocuda::neurons
