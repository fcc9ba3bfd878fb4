#include "ir/describe.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace neurocuda::ir {
namespace {

std::string describe_window(const Window& window) {
  std::string text = to_string(window.kernel);
  if (window.stride != Size2{1, 1}) text += ", stride " + to_string(window.stride);
  if (window.padding != Size2{0, 0}) text += ", padding " + to_string(window.padding);
  if (window.dilation != Size2{1, 1}) text += ", dilation " + to_string(window.dilation);
  if (window.ceil_mode) text += ", ceil mode";
  return text;
}

struct Attributes {
  std::string operator()(const Conv2d& op) const {
    return describe_window(op.window) + (op.groups > 1 ? fmt::format(", groups {}", op.groups) : "");
  }
  std::string operator()(const AvgPool2d& op) const { return describe_window(op.window); }
  std::string operator()(const MaxPool2d& op) const {
    const auto minima = std::count(op.takes_minimum.begin(), op.takes_minimum.end(), 1);
    return describe_window(op.window) + (minima > 0 ? fmt::format(", {} of the minimum", minima) : "");
  }
  std::string operator()(const ReLU& op) const { return op.capped() ? fmt::format("up to {}", op.cap) : ""; }
  std::string operator()(const Slice& op) const { return fmt::format("{}..{}", op.begin, op.begin + op.count - 1); }
  std::string operator()(const QCFS& op) const { return fmt::format("L={}", op.levels); }
  template <class Op>
  std::string operator()(const Op&) const {
    return {};
  }
};

}  // namespace

std::string describe(const Operator& op) {
  const std::string attributes = std::visit(Attributes{}, op);
  return std::string(operator_name(op)) + (attributes.empty() ? "" : " " + attributes);
}

}  // namespace neurocuda::ir
