#include "runtime/fan_out.hpp"

namespace neurocuda::runtime {
namespace {

using program::Conv;
using program::Diagonal;
using program::Linear;

/// For every input coordinate along one axis: how many (output, tap) pairs read it.
std::vector<std::int64_t> reads_along(std::int64_t in, std::int64_t out, std::int64_t kernel, std::int64_t stride,
                                      std::int64_t padding, std::int64_t dilation) {
  std::vector<std::int64_t> reads(static_cast<std::size_t>(in), 0);
  for (std::int64_t o = 0; o < out; ++o) {
    for (std::int64_t k = 0; k < kernel; ++k) {
      const std::int64_t i = o * stride - padding + k * dilation;
      if (i >= 0 && i < in) ++reads[static_cast<std::size_t>(i)];
    }
  }
  return reads;
}

std::vector<std::int64_t> fan_out_of(const Shape& source, const Shape& target, const Conv& conv) {
  const Window& w = conv.window;
  const auto rows =
      reads_along(source[1], target[1], w.kernel.height, w.stride.height, w.padding.height, w.dilation.height);
  const auto columns =
      reads_along(source[2], target[2], w.kernel.width, w.stride.width, w.padding.width, w.dilation.width);
  const std::int64_t outputs = conv.weight.extent(0) / conv.groups;
  std::vector<std::int64_t> result;
  for (const std::int64_t row : rows) {
    for (const std::int64_t column : columns) result.push_back(row * column * outputs);
  }
  return result;
}

std::vector<std::int64_t> fan_out_of(const Shape& source, const Shape&, const Linear& linear) {
  return std::vector<std::int64_t>(static_cast<std::size_t>(program::plane(source)), linear.weight.extent(0));
}

std::vector<std::int64_t> fan_out_of(const Shape& source, const Shape&, const Diagonal&) {
  return std::vector<std::int64_t>(static_cast<std::size_t>(program::plane(source)), 1);
}

}  // namespace

std::vector<std::int64_t> fan_out(const Shape& source, const Shape& target, const program::Connection& connection) {
  return std::visit([&](const auto& kind) { return fan_out_of(source, target, kind); }, connection);
}

}  // namespace neurocuda::runtime
