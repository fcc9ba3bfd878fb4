#include <algorithm>
#include <optional>

#include "onnx/read/importers.hpp"
#include "onnx/read/padding.hpp"
#include "onnx/read/window.hpp"

namespace neurocuda::onnx {
namespace {

/// A kernel with rows of zeros around it, so that equal padding on both sides gives the windows that ONNX has.
struct Symmetric {
  std::int64_t padding = 0;
  std::int64_t front = 0, back = 0;  ///< taps of zeros
  std::int64_t dilation = 1;
  std::int64_t spread = 1;  ///< the old taps lie this far apart in the new kernel
};

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

/// Windows start at -padding + i stride; the first real tap of a kernel with `front` more taps is to lie where ONNX has
/// it, so padding = before + dilation front, and the number of windows has to stay. Nothing when no number of taps at
/// this dilation does that.
std::optional<Symmetric> with_zero_taps(const Span& span, std::int64_t extent) {
  const std::int64_t count = window_count(span, extent);
  const std::int64_t room = extent + 2 * span.before - span.dilation * (span.kernel - 1) - 1;
  // count - 1 <= (room + dilation (front - back)) / stride < count
  const std::int64_t least = -floor_div(room - (count - 1) * span.stride, span.dilation);
  const std::int64_t most = floor_div(count * span.stride - 1 - room, span.dilation);
  if (least > most) return std::nullopt;
  const std::int64_t taps = std::clamp<std::int64_t>(0, least, most);
  const std::int64_t front = std::max<std::int64_t>(taps, 0);
  return Symmetric{span.before + span.dilation * front, front, front - taps, span.dilation};
}

Symmetric symmetric(const Span& span, std::int64_t extent) {
  if (span.before == span.after) return {span.before, 0, 0, span.dilation};
  if (const auto found = with_zero_taps(span, extent)) return *found;
  Span dense = span;  // with zeros between its taps instead of the dilation
  dense.kernel = span.dilation * (span.kernel - 1) + 1;
  dense.dilation = 1;
  Symmetric found = with_zero_taps(dense, extent).value();  // at dilation 1 there is always one
  found.spread = span.dilation;
  return found;
}

std::int64_t new_kernel(const Symmetric& side, std::int64_t kernel) {
  return side.front + side.spread * (kernel - 1) + 1 + side.back;
}

/// The weight (O, I, KH, KW) with its taps where the new kernel has them.
Tensor<float> enlarged(NodeImporter& node, Tensor<float> weight, const Symmetric& down, const Symmetric& right) {
  const Shape old = weight.shape();
  const Shape shape{old[0], old[1], new_kernel(down, old[2]), new_kernel(right, old[3])};
  if (shape == old) return weight;
  node.charge_reals(shape);
  Tensor<float> result(shape);
  for (std::int64_t i = 0; i < weight.size(); ++i) {
    const std::int64_t x = i % old[3], y = i / old[3] % old[2], kernel = i / old[3] / old[2];
    result[(kernel * shape[2] + down.front + y * down.spread) * shape[3] + right.front + x * right.spread] = weight[i];
  }
  return result;
}

/// (O, I, taps along the ONNX sides) as (O, I, KH, KW).
Tensor<float> along_image(const Tensor<float>& weight, const ImageInput& image,
                          std::pair<std::int64_t, std::int64_t> kernel) {
  const Shape& old = weight.shape();
  Tensor<float> result({old[0], old[1], kernel.first, kernel.second}, {weight.values().begin(), weight.values().end()});
  if (image.sides.size() == 1 || image.sides[0] == Axis::height) return result;
  for (std::int64_t i = 0; i < weight.size(); ++i) {
    const std::int64_t x = i % kernel.second, y = i / kernel.second % kernel.first,
                       one = i / kernel.second / kernel.first;
    result[i] = weight[(one * kernel.second + x) * kernel.first + y];
  }
  return result;
}

/// A convolution of features (N, C, 1, 1) at their only position.
void import_at_one_position(NodeImporter& node, const Activation& input, Tensor<float> weight) {
  const Shape& shape = weight.shape();
  const bool one_tap = element_count({shape.begin() + 2, shape.end()}) == 1;
  const auto pads = node.attributes.integers("pads").value_or(std::vector<std::int64_t>{});
  const bool plain = one_tap && node.attributes.integer("group", 1) == 1 &&
                     std::ranges::all_of(pads, [](std::int64_t pad) { return pad == 0; });
  for (const char* attribute : {"strides", "dilations", "kernel_shape", "auto_pad"}) node.attributes.ignore(attribute);
  if (!plain) {
    node.refuse("convolves features at their only position with a kernel of several taps or groups",
                "use a linear layer, or a kernel of 1x1");
  }
  const Shape matrix{shape[0], shape[1]};
  ir::Linear linear{{matrix, {weight.values().begin(), weight.values().end()}}, node.optional_parameters(2)};
  node.produce(std::move(linear), input);
}

bool at_one_position(const NodeImporter& node, const Activation& input) {
  const Layout& layout = input.layout;
  return node.shape(input).size() == 1 && layout.size() > 2 && layout[0] == AxisGroup{Axis::batch} &&
         layout[1] == AxisGroup{Axis::channel};
}

}  // namespace

void import_conv(NodeImporter& node) {
  const Activation input = node.activation(0);
  Tensor<float> weight = node.parameters(1);
  const Shape shape = weight.shape();
  if (shape.size() != input.layout.size() || shape.size() < 3) {
    node.malformed(
        "its weight has shape {}, which does not fit its input {}; only convolutions over one or two sides are "
        "supported, with a weight (O, I / groups, K) or (O, I / groups, KH, KW)",
        to_string(shape), to_string(node.onnx_shape(input)));
  }
  if (at_one_position(node, input)) return import_at_one_position(node, input, std::move(weight));
  ImageInput image = as_image(node, input);
  const std::vector<std::int64_t> kernel(shape.begin() + 2, shape.end());
  const std::vector<std::int64_t> stated = read_kernel(node);
  if (!stated.empty() && stated != kernel)
    node.malformed("kernel_shape differs from its weight {}; export the model again", to_string(shape));
  Spans spans = read_spans(node, image, kernel);
  const PaddedFrom padded = padded_from(node.model(), image.node);
  image.node = padded.source;
  spans.add(padded.pads);

  const Shape& pixels = node.shape(image.node);
  if (window_count(spans.height, pixels[1]) < 1 || window_count(spans.width, pixels[2]) < 1) {
    node.malformed("its {}x{} window does not fit the input {}; use a smaller kernel or a larger image",
                   spans.height.kernel, spans.width.kernel, to_string(pixels));
  }
  const Symmetric down = symmetric(spans.height, pixels[1]);
  const Symmetric right = symmetric(spans.width, pixels[2]);
  ir::Conv2d conv;
  conv.weight = along_image(weight, image, {spans.height.kernel, spans.width.kernel});
  conv.weight = enlarged(node, std::move(conv.weight), down, right);
  conv.bias = node.optional_parameters(2);
  conv.window = {{conv.weight.extent(2), conv.weight.extent(3)},
                 {spans.height.stride, spans.width.stride},
                 {down.padding, right.padding},
                 {down.dilation, right.dilation}};
  conv.groups = node.attributes.integer("group", 1);
  node.produce(std::move(conv), {image.node}, image.layout());
}

}  // namespace neurocuda::onnx
