#include "onnx/read/padding.hpp"

#include <algorithm>

namespace neurocuda::onnx {
namespace {

/// A kernel that is 1 at `place`, with `padding` on both sides, moves a row of pixels as asymmetric padding does.
struct Shift {
  std::int64_t padding, kernel, place;
  Shift(std::int64_t before, std::int64_t after)
      : padding(std::max<std::int64_t>({before, after, 0})),
        kernel(1 + 2 * padding - before - after),
        place(padding - before) {}
};

}  // namespace

ir::NodeId add_padding(NodeImporter& node, const std::string& name, ir::NodeId image, const Pads& pads, Size2 stride) {
  const Shape shape = node.shape(image);
  const Shift down(pads.top, pads.bottom);
  const Shift right(pads.left, pads.right);
  const Shape weight{shape[0], 1, down.kernel, right.kernel};
  node.charge_reals(weight);
  ir::Conv2d conv{Tensor<float>(weight), {}, {}, shape[0]};
  for (std::int64_t channel = 0; channel < shape[0]; ++channel)
    conv.weight[(channel * down.kernel + down.place) * right.kernel + right.place] = 1;
  conv.window = {{down.kernel, right.kernel}, stride, {down.padding, right.padding}};
  const ir::NodeId made = node.model().add(name, std::move(conv), {image});
  const bool only_pads = std::min({pads.top, pads.left, pads.bottom, pads.right}) >= 0 && stride == Size2{1, 1};
  if (only_pads) node.model().paddings[made] = {image, pads};
  return made;
}

PaddedFrom padded_from(const ModelImporter& model, ir::NodeId node) {
  PaddedFrom result{node, {}};
  if (const auto first = model.paddings.find(node); first != model.paddings.end() && first->second.repeats_edge)
    return first->second;
  for (auto found = model.paddings.find(node); found != model.paddings.end();
       found = model.paddings.find(result.source)) {
    const Pads& pads = found->second.pads;
    result.source = found->second.source;
    result.pads = {result.pads.top + pads.top, result.pads.left + pads.left, result.pads.bottom + pads.bottom,
                   result.pads.right + pads.right};
  }
  return result;
}

}  // namespace neurocuda::onnx
