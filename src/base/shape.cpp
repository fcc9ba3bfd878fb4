#include "neurocuda/base/shape.hpp"

#include "neurocuda/base/error.hpp"

namespace neurocuda {

std::int64_t element_count(const Shape& shape) {
  constexpr std::int64_t kLimit = std::int64_t{1} << 40;
  std::int64_t count = 1;
  for (const std::int64_t extent : shape) {
    if (extent < 0) fail("shape {} has a negative extent", to_string(shape));
    if (extent != 0 && count > kLimit / extent) fail("shape {} has too many elements", to_string(shape));
    count *= extent;
  }
  return count;
}

std::string to_string(const Shape& shape) {
  std::string text = "(";
  for (std::size_t i = 0; i < shape.size(); ++i) text += fmt::format("{}{}", i == 0 ? "" : ", ", shape[i]);
  return text + (shape.size() == 1 ? ",)" : ")");
}

std::string to_string(const Size2& size) { return fmt::format("{}x{}", size.height, size.width); }

Size2 output_size(const Window& window, Size2 input) {
  const auto along = [&](std::int64_t in, std::int64_t kernel, std::int64_t stride, std::int64_t padding,
                         std::int64_t dilation) {
    const std::int64_t room = in + 2 * padding - dilation * (kernel - 1) - 1;
    if (room < 0) return std::int64_t{0};
    const std::int64_t whole = room / stride + 1;
    const bool one_more = window.ceil_mode && room % stride != 0 && whole * stride < in + padding;
    return one_more ? whole + 1 : whole;
  };
  return {
      along(input.height, window.kernel.height, window.stride.height, window.padding.height, window.dilation.height),
      along(input.width, window.kernel.width, window.stride.width, window.padding.width, window.dilation.width)};
}

}  // namespace neurocuda
