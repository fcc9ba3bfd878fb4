#include "neurocuda/base/error.hpp"
#include "neurocuda/ir/analysis.hpp"
#include "neurocuda/passes/passes.hpp"
#include "passes/batch_norm_factor.hpp"
#include "passes/batch_norm_site.hpp"
#include "passes/rewire.hpp"

namespace neurocuda::passes {
namespace {

/// Layer is Conv2d or Linear: the output channel is the weight's outermost axis in both. Doubles, so that each folded
/// value is rounded once.
template <class Layer>
void fold_into(Layer& layer, const ir::BatchNorm2d& norm) {
  const std::int64_t channels = layer.weight.extent(0);
  const std::int64_t per_channel = layer.weight.size() / channels;
  if (!layer.bias) layer.bias = Tensor<float>({channels});
  for (std::int64_t c = 0; c < channels; ++c) {
    const double factor = factor_of(norm, c);
    for (std::int64_t i = c * per_channel; i < (c + 1) * per_channel; ++i) {
      layer.weight[i] = static_cast<float>(layer.weight[i] * factor);
    }
    float& bias = (*layer.bias)[c];
    bias = static_cast<float>((double{bias} - norm.mean[c]) * factor + norm.beta[c]);
  }
}

void fold_into(ir::Operator& op, const ir::BatchNorm2d& norm) {
  if (auto* conv = std::get_if<ir::Conv2d>(&op)) {
    fold_into(*conv, norm);
  } else {
    fold_into(std::get<ir::Linear>(op), norm);
  }
}

}  // namespace

ir::Graph fold_batch_norm(const ir::Graph& graph) {
  ir::infer_shapes(graph);  // the parameters' sizes fit from here on
  const ir::Graph plain = remove_identities(graph);
  const auto consumers = plain.consumers();
  return rewire(plain, [&](ir::NodeId id, ir::Graph& made, const auto& inputs) -> std::optional<ir::NodeId> {
    const auto* norm = plain.node(id).as<ir::BatchNorm2d>();
    if (!norm) return std::nullopt;
    const BatchNormSite site = find_batch_norm_site(plain, consumers, id);
    if (!site.possible()) fail<ConversionError>("{}: {}; {}", label(plain.node(id)), site.reason, site.remedy);
    // A batch norm before this one was replaced by the layer, so the new input is the layer in any case.
    fold_into(made.op(inputs[0]), *norm);
    return inputs[0];
  });
}

}  // namespace neurocuda::passes
