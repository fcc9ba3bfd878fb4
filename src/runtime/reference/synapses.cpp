#include "runtime/reference/synapses.hpp"

#include <cstdlib>

namespace neurocuda::runtime::reference {
namespace {

using program::Conv;
using program::Diagonal;
using program::Linear;

constexpr std::int64_t kNone = -1;

/// The output coordinate at which kernel tap `tap` covers input coordinate `in`, or kNone.
std::int64_t reached(std::int64_t in, std::int64_t tap, std::int64_t stride, std::int64_t padding,
                     std::int64_t dilation, std::int64_t extent) {
  const std::int64_t offset = in + padding - tap * dilation;
  if (offset < 0 || offset % stride != 0 || offset / stride >= extent) return kNone;
  return offset / stride;
}

/// Where in the source a value stands.
struct Position {
  std::int64_t channel, y, x;
};

/// One value meets every weight of a convolution that reads it.
class Spread {
 public:
  Spread(const Conv& conv, const Shape& source, const Shape& target, Values& sum)
      : conv_(conv), target_(target), inputs_(source[0] / conv.groups), outputs_(target[0] / conv.groups), sum_(sum) {}

  std::int64_t operator()(const Position& at, std::int32_t value) {
    const Window& w = conv_.window;
    std::int64_t operations = 0;
    for (std::int64_t ky = 0; ky < w.kernel.height; ++ky) {
      const std::int64_t y = reached(at.y, ky, w.stride.height, w.padding.height, w.dilation.height, target_[1]);
      if (y == kNone) continue;
      for (std::int64_t kx = 0; kx < w.kernel.width; ++kx) {
        const std::int64_t x = reached(at.x, kx, w.stride.width, w.padding.width, w.dilation.width, target_[2]);
        if (x != kNone) operations += meet(at.channel, ky, kx, y, x, value);
      }
    }
    return operations;
  }

 private:
  /// All output channels of the group that the source channel belongs to.
  std::int64_t meet(std::int64_t channel, std::int64_t ky, std::int64_t kx, std::int64_t y, std::int64_t x,
                    std::int32_t value) {
    const std::int64_t group = channel / inputs_, input = channel % inputs_;
    const Size2& kernel = conv_.window.kernel;
    std::int64_t operations = 0;
    for (std::int64_t output = group * outputs_; output < (group + 1) * outputs_; ++output) {
      const std::int64_t weight = ((output * inputs_ + input) * kernel.height + ky) * kernel.width + kx;
      sum_[static_cast<std::size_t>((output * target_[1] + y) * target_[2] + x)] += conv_.weight[weight] * value;
      operations += std::abs(value);
    }
    return operations;
  }

  const Conv& conv_;
  const Shape& target_;
  std::int64_t inputs_, outputs_;  // channels of one group
  Values& sum_;
};

std::int64_t add(const Conv& conv, const Shape& source, const Shape& target, const Values& values, Values& sum) {
  Spread spread(conv, source, target, sum);
  std::int64_t operations = 0;
  std::size_t i = 0;
  for (std::int64_t c = 0; c < source[0]; ++c) {
    for (std::int64_t y = 0; y < source[1]; ++y) {
      for (std::int64_t x = 0; x < source[2]; ++x, ++i) {
        if (values[i] != 0) operations += spread({c, y, x}, values[i]);
      }
    }
  }
  return operations;
}

std::int64_t add(const Linear& linear, const Shape&, const Shape&, const Values& values, Values& sum) {
  std::int64_t operations = 0;
  const std::size_t inputs = values.size();
  for (std::size_t input = 0; input < inputs; ++input) {
    if (values[input] == 0) continue;
    for (std::size_t output = 0; output < sum.size(); ++output) {
      sum[output] += linear.weight[static_cast<std::int64_t>(output * inputs + input)] * values[input];
      operations += std::abs(values[input]);
    }
  }
  return operations;
}

std::int64_t add(const Diagonal& diagonal, const Shape& source, const Shape&, const Values& values, Values& sum) {
  std::int64_t operations = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    sum[i] += diagonal.weight[static_cast<std::int64_t>(i) / program::plane(source)] * values[i];
    operations += std::abs(values[i]);
  }
  return operations;
}

}  // namespace

std::int64_t deliver(const program::SynapseGroup& group, const Shape& source, const Shape& target, const Values& values,
                     Values& current) {
  Values sum(current.size(), 0);
  const std::int64_t operations = std::visit(
      [&](const auto& connection) { return add(connection, source, target, values, sum); }, group.connection);
  for (std::size_t i = 0; i < sum.size(); ++i) {
    const std::int64_t channel = static_cast<std::int64_t>(i) / program::plane(target);
    current[i] += sum[i] << group.shift[static_cast<std::size_t>(channel)];
  }
  return operations;
}

}  // namespace neurocuda::runtime::reference
