#include <algorithm>
#include <utility>

#include "onnx/read/importers.hpp"
#include "onnx/read/padding.hpp"
#include "onnx/read/window.hpp"

namespace neurocuda::onnx {
namespace {

/// A pool as ONNX describes it, and how many windows it has.
struct Pool {
  ImageInput image;
  Spans spans;
  bool ceil_mode = false;
  Size2 pixels;
  Size2 windows;
};

Size2 size_of(const NodeImporter& node, ir::NodeId image) {
  const Shape& shape = node.shape(image);
  return {shape[1], shape[2]};
}

void count_windows(NodeImporter& node, Pool& pool) {
  pool.pixels = size_of(node, pool.image.node);
  pool.windows = {window_count(pool.spans.height, pool.pixels.height, pool.ceil_mode),
                  window_count(pool.spans.width, pool.pixels.width, pool.ceil_mode)};
  if (pool.windows.height < 1 || pool.windows.width < 1) {
    node.malformed("its {}x{} window does not fit the input {}; use a smaller kernel or a larger image",
                   pool.spans.height.kernel, pool.spans.width.kernel, to_string(node.shape(pool.image.node)));
  }
}

Pool read_pool(NodeImporter& node) {
  Pool pool;
  pool.image = as_image(node, node.activation(0));
  const auto kernel = read_kernel(node);
  if (kernel.empty()) node.malformed("has no kernel_shape; export the model again");
  pool.spans = read_spans(node, pool.image, kernel);
  if (pool.spans.height.dilation != 1 || pool.spans.width.dilation != 1)
    node.refuse("skips pixels of its window (dilations)", "use dilation=1");
  pool.ceil_mode = node.attributes.integer("ceil_mode", 0) != 0;
  count_windows(node, pool);
  return pool;
}

/// Pads with zeros by a node of its own.
void pad_first(NodeImporter& node, Pool& pool) {
  pool.image.node = add_padding(node, node.name() + "_pad", pool.image.node, pool.spans.pads());
  pool.pixels = size_of(node, pool.image.node);
  for (Span* span : {&pool.spans.height, &pool.spans.width}) span->before = span->after = 0;
}

/// The graph's window with the same windows as the pool: the padding in front is the same, and the last window begins
/// at the same place. What reaches over the far border counts for nothing, padded or not.
std::optional<Window> same_windows(const Pool& pool) {
  Window window = pool.spans.window();
  if (2 * window.padding.height > window.kernel.height || 2 * window.padding.width > window.kernel.width)
    return std::nullopt;
  for (const bool ceil_mode : {false, true}) {
    window.ceil_mode = ceil_mode;
    if (output_size(window, pool.pixels) == pool.windows) return window;
  }
  return std::nullopt;
}

/// Zeros that an earlier node puts around values that are never negative are as good as no values; so are the outermost
/// pixels, once more.
void take_over_padding(NodeImporter& node, Pool& pool) {
  const PaddedFrom padded = padded_from(node.model(), pool.image.node);
  const auto& [top, left, bottom, right] = padded.pads;
  const bool in_every_window =
      std::max(top, bottom) < pool.spans.height.kernel && std::max(left, right) < pool.spans.width.kernel;
  const bool adds_nothing = padded.repeats_edge || node.model().never_negative(padded.source);
  if (padded.source == pool.image.node || !adds_nothing || !in_every_window) return;
  Pool merged = pool;
  merged.image.node = padded.source;
  merged.spans.add(padded.pads);
  merged.pixels = size_of(node, padded.source);
  if (same_windows(merged)) pool = std::move(merged);
}

void produce(NodeImporter& node, ir::Operator pool, const ImageInput& image) {
  node.produce(std::move(pool), {image.node}, image.layout());
}

/// A window of zero padding, all of which counts as area; nothing when it reaches over the border or pads unevenly.
std::optional<Window> whole_area(const Pool& pool) {
  const Window window = pool.spans.window();
  const bool even =
      pool.spans.height.before == pool.spans.height.after && pool.spans.width.before == pool.spans.width.after;
  if (!even || 2 * window.padding.height > window.kernel.height || 2 * window.padding.width > window.kernel.width)
    return std::nullopt;
  if (output_size(window, pool.pixels) != pool.windows) return std::nullopt;
  return window;
}

bool pads(const Spans& spans) { return spans.pads() != Pads{}; }

}  // namespace

void import_average_pool(NodeImporter& node) {
  Pool pool = read_pool(node);
  const bool counts_padding = node.attributes.integer("count_include_pad", 0) != 0;
  if (!counts_padding && pads(pool.spans)) {
    // Padding behind the image that no window reaches does not matter.
    Pool bare = pool;
    bare.spans.height.after = bare.spans.width.after = 0;
    if (pads(bare.spans) || !whole_area(bare)) {
      const Pads all = pool.spans.pads();
      node.refuse(
          fmt::format("its padding (top {}, left {}, bottom {}, right {}) does not count as area, so that windows "
                      "at the border have other weights",
                      all.top, all.left, all.bottom, all.right),
          "use count_include_pad=True or no padding");
    }
    pool = std::move(bare);
  }
  if (!whole_area(pool) && pads(pool.spans) && !pool.ceil_mode) pad_first(node, pool);
  const auto window = whole_area(pool);
  if (!window) {
    node.refuse("ceil_mode = 1 gives a last window that reaches over the border and has another area",
                "use ceil_mode=False, or a size that divides evenly");
  }
  produce(node, ir::AvgPool2d{*window}, pool.image);
}

void import_max_pool(NodeImporter& node) {
  node.attributes.ignore("storage_order");  // only the indices, output 1, depend on it
  Pool pool = read_pool(node);
  take_over_padding(node, pool);
  if (padded_from(node.model(), pool.image.node).repeats_edge) {
    node.refuse("pools an image whose outermost pixels are repeated further than a window reaches",
                "pad with zeros and train again");
  }
  if (!same_windows(pool) && node.model().never_negative(pool.image.node)) pad_first(node, pool);
  const auto window = same_windows(pool);
  if (!window) {
    const Pads all = pool.spans.pads();
    node.refuse(
        fmt::format(
            "its padding (top {}, left {}, bottom {}, right {}) cannot be had around values that may be negative",
            all.top, all.left, all.bottom, all.right),
        "pool behind the ReLU, or pad opposite sides alike, by at most half the kernel");
  }
  produce(node, ir::MaxPool2d{*window}, pool.image);
}

void import_global_average_pool(NodeImporter& node) {
  const Activation input = node.activation(0);
  if (node.shape(input).size() == 1 && input.layout.size() > 2) return node.bind(input);  // one position
  produce(node, ir::GlobalAvgPool{}, as_image(node, input));
}

void import_global_max_pool(NodeImporter& node) {
  const Activation input = node.activation(0);
  if (node.shape(input).size() == 1 && input.layout.size() > 2) return node.bind(input);
  const ImageInput image = as_image(node, input);
  const Size2 size = size_of(node, image.node);
  produce(node, ir::MaxPool2d{{size, size}}, image);
}

}  // namespace neurocuda::onnx
