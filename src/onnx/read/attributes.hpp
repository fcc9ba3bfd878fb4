#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "onnx/proto.hpp"

namespace neurocuda::onnx {

/// Typed access to a node's attributes. Remembers which were asked for, so that none is silently ignored:
/// unread() names one of the rest. Throws UserError when an attribute has another type than the operator defines.
class Attributes {
 public:
  explicit Attributes(const proto::NodeProto& node) : node_(&node) {}

  std::int64_t integer(std::string_view name, std::int64_t fallback);
  float real(std::string_view name, float fallback);
  std::string text(std::string_view name, std::string_view fallback);
  /// At most 64 values: windows, pads and axes have no more.
  std::optional<std::vector<std::int64_t>> integers(std::string_view name);
  const proto::TensorProto* tensor(std::string_view name);
  /// The attribute whatever its type is; null when there is none.
  const proto::AttributeProto* any(std::string_view name);
  /// For attributes that do not matter at inference.
  void ignore(std::string_view name) { known_.insert(name); }

  /// An attribute of the node that nobody asked for.
  std::optional<std::string> unread() const;

 private:
  const proto::AttributeProto* find(std::string_view name, proto::AttributeProto::AttributeType type);

  const proto::NodeProto* node_;
  std::unordered_set<std::string_view> known_;
};

}  // namespace neurocuda::onnx
