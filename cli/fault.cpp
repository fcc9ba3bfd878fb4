#include "cli/fault.hpp"

#include <charconv>
#include <optional>
#include <string_view>
#include <tuple>

#include "neurocuda/base/error.hpp"

namespace neurocuda::cli {
namespace {

template <class Integer>
std::optional<Integer> parse_integer(std::string_view text) {
  Integer value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Cuts "head:number" in two; the number is what stands behind the last colon.
template <class Integer>
std::optional<std::pair<std::string, Integer>> cut_number(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) return std::nullopt;
  const auto number = parse_integer<Integer>(std::string_view(text).substr(colon + 1));
  if (!number) return std::nullopt;
  return std::pair(text.substr(0, colon), *number);
}

const Tensor<std::int8_t>& first_weights(const program::Node& node) {
  const auto& groups = program::groups_of(node);
  if (groups.empty()) fail("--inject-fault: {} has no weights; name an IF layer or the output", node.name);
  return std::visit(
      [](const auto& connection) -> const auto& { return connection.weight; }, groups.front().connection);
}

}  // namespace

Fault parse_fault(const std::string& text) {
  Fault fault;
  const auto last = cut_number<std::int64_t>(text);
  if (!last) fail("--inject-fault {}: give LAYER:WEIGHT or LAYER:WEIGHT:DELTA, for example stem.relu:0:1", text);
  std::tie(fault.layer, fault.weight) = *last;
  if (const auto before = cut_number<std::int64_t>(last->first)) {
    if (last->second < -255 || last->second > 255) fail("--inject-fault {}: the change must lie in -255..255", text);
    fault.delta = static_cast<int>(last->second);
    std::tie(fault.layer, fault.weight) = *before;
  }
  if (fault.delta == 0) fail("--inject-fault {}: a change of 0 is no fault; give another DELTA", text);
  return fault;
}

std::int64_t faulty_channel(const program::Program& program, const Fault& fault) {
  for (const auto& node : program.nodes) {
    if (node.name != fault.layer) continue;
    const auto& weight = first_weights(node);
    if (fault.weight >= 0 && fault.weight < weight.size()) return fault.weight / (weight.size() / weight.extent(0));
    fail("--inject-fault: layer {} has weights 0..{}, there is no {}", fault.layer, weight.size() - 1, fault.weight);
  }
  fail("--inject-fault: there is no layer '{}'; 'neurocuda inspect' lists them", fault.layer);
}

}  // namespace neurocuda::cli
