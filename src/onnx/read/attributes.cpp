#include "onnx/read/attributes.hpp"

#include "neurocuda/base/error.hpp"
#include "onnx/read/names.hpp"

namespace neurocuda::onnx {

const proto::AttributeProto* Attributes::any(std::string_view name) {
  known_.insert(name);
  for (const auto& attribute : node_->attribute()) {
    if (attribute.name() == name) return &attribute;
  }
  return nullptr;
}

const proto::AttributeProto* Attributes::find(std::string_view name, proto::AttributeProto::AttributeType type) {
  const proto::AttributeProto* attribute = any(name);
  if (attribute == nullptr) return nullptr;
  if (attribute->type() != type || !attribute->ref_attr_name().empty()) {
    fail("{}: attribute '{}' has type {}, not {}; export the model again", label(*node_), name,
         proto::AttributeProto::AttributeType_Name(attribute->type()), proto::AttributeProto::AttributeType_Name(type));
  }
  return attribute;
}

std::int64_t Attributes::integer(std::string_view name, std::int64_t fallback) {
  const auto* found = find(name, proto::AttributeProto::INT);
  return found != nullptr ? found->i() : fallback;
}

float Attributes::real(std::string_view name, float fallback) {
  const auto* found = find(name, proto::AttributeProto::FLOAT);
  return found != nullptr ? found->f() : fallback;
}

std::string Attributes::text(std::string_view name, std::string_view fallback) {
  const auto* found = find(name, proto::AttributeProto::STRING);
  return found != nullptr ? found->s() : std::string(fallback);
}

std::optional<std::vector<std::int64_t>> Attributes::integers(std::string_view name) {
  const auto* found = find(name, proto::AttributeProto::INTS);
  if (found == nullptr) return std::nullopt;
  if (found->ints_size() > 64) {
    fail("{}: attribute '{}' has {} values; export the model again", label(*node_), name, found->ints_size());
  }
  return std::vector<std::int64_t>(found->ints().begin(), found->ints().end());
}

const proto::TensorProto* Attributes::tensor(std::string_view name) {
  const auto* found = find(name, proto::AttributeProto::TENSOR);
  return found != nullptr ? &found->t() : nullptr;
}

std::optional<std::string> Attributes::unread() const {
  for (const auto& attribute : node_->attribute()) {
    if (!known_.contains(attribute.name())) return attribute.name();
  }
  return std::nullopt;
}

}  // namespace neurocuda::onnx
