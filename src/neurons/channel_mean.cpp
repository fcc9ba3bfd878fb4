#include "neurocuda/neurons/channel_mean.hpp"

#include <ATen/Parallel.h>

#include <algorithm>
#include <vector>

#include "neurocuda/neurons/channel_kernel.hpp"
#include "neurons/channel_blocks.hpp"
#include "neurons/float_span.hpp"

namespace neurocuda::neurons {
namespace {

constexpr std::int64_t kBlocksPerTask = 16;

/// (C,) -> a tensor of these sizes and type, channels innermost.
torch::Tensor spread(const torch::Tensor& per_channel, const std::vector<std::int64_t>& sizes, torch::Dtype type) {
  const auto format = sizes.size() == 4 ? torch::MemoryFormat::ChannelsLast : torch::MemoryFormat::Contiguous;
  const auto result = torch::empty(sizes, per_channel.options().dtype(type).memory_format(format));
  const ChannelBlocks blocks(per_channel.numel(), result.numel());
  const auto row = blocks.repeated(per_channel).to(type);
  with_scalar(result, [&](auto scalar) {
    using Scalar = decltype(scalar);
    const auto* from = row.const_data_ptr<Scalar>();
    auto* to = result.data_ptr<Scalar>();
    at::parallel_for(0, blocks.count(), kBlocksPerTask, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t block = begin; block < end; ++block)
        std::copy(from, from + blocks.length(block), to + blocks.offset(block));
    });
  });
  return result;
}

struct ChannelMean : torch::autograd::Function<ChannelMean> {
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& input) {
    const auto x = channels_innermost(input);
    context->saved_data["sizes"] = x.sizes().vec();
    context->saved_data["type"] = static_cast<std::int64_t>(x.scalar_type());
    return x.movedim(1, -1).flatten(0, -2).mean(torch::IntArrayRef{0}, false, torch::kFloat32);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto sizes = context->saved_data["sizes"].toIntVector();
    const auto type = static_cast<torch::Dtype>(context->saved_data["type"].toInt());
    std::int64_t averaged = 1;
    for (std::size_t axis = 0; axis < sizes.size(); ++axis) averaged *= axis == 1 ? 1 : sizes[axis];
    const auto each = gradients[0] / averaged;
    if (each.is_cpu()) return {spread(each, sizes, type)};
    std::vector<std::int64_t> broadcast(sizes.size(), 1);
    broadcast[1] = -1;
    return {each.to(type).view(broadcast).expand(sizes)};
  }
};

}  // namespace

torch::Tensor channel_mean(const torch::Tensor& x) { return ChannelMean::apply(x); }

}  // namespace neurocuda::neurons
