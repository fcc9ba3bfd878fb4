#include "json_bridge.hpp"

#include <nanobind/stl/string.h>

#include <cmath>

namespace neurocuda::python {
namespace {

template <class Sequence>
settings::Json list_of(const Sequence& sequence, const std::string& name) {
  settings::Json list = settings::Json::array();
  for (const nb::handle element : sequence) list.push_back(json_of(element, name));
  return list;
}

settings::Json dict_of(const nb::dict& dict, const std::string& name) {
  settings::Json object = settings::Json::object();
  for (const auto& [key, value] : dict) {
    const std::string inner = nb::cast<std::string>(nb::str(key));
    object[inner] = json_of(value, name.empty() ? inner : name + "." + inner);
  }
  return object;
}

}  // namespace

settings::Json json_of(nb::handle value, const std::string& name) {
  if (value.is_none()) return nullptr;
  if (nb::isinstance<nb::bool_>(value)) return nb::cast<bool>(value);
  if (nb::isinstance<nb::int_>(value)) {
    std::int64_t number = 0;
    if (nb::try_cast(value, number)) return number;
    fail("{}={}: the number is too large", name, nb::cast<std::string>(nb::str(value)));
  }
  if (nb::isinstance<nb::float_>(value)) {
    const double number = nb::cast<double>(value);
    if (std::isfinite(number)) return number;
    fail("{}={}: give a finite number", name, number);
  }
  if (nb::isinstance<nb::str>(value)) return nb::cast<std::string>(value);
  if (nb::isinstance<nb::dict>(value)) return dict_of(nb::cast<nb::dict>(value), name);
  if (nb::isinstance<nb::list>(value)) return list_of(nb::cast<nb::list>(value), name);
  if (nb::isinstance<nb::tuple>(value)) return list_of(nb::cast<nb::tuple>(value), name);
  if (nb::hasattr(value, "tolist")) return json_of(value.attr("tolist")(), name);  // numpy and torch
  fail("{}: a value of type {} cannot be a setting; give a number, a text or a list", name,
       nb::cast<std::string>(nb::str(value.type().attr("__name__"))));
}

nb::object object_of(const settings::Json& json) {
  using Kind = settings::Json::value_t;
  switch (json.type()) {
    case Kind::null:
    case Kind::discarded:
    case Kind::binary:
      return nb::none();
    case Kind::boolean:
      return nb::bool_(json.get<bool>());
    case Kind::number_integer:
      return nb::int_(json.get<std::int64_t>());
    case Kind::number_unsigned:
      return nb::int_(json.get<std::uint64_t>());
    case Kind::number_float:
      return nb::float_(json.get<double>());
    case Kind::string:
      return nb::str(json.get_ref<const std::string&>().c_str());
    case Kind::array: {
      nb::list list;
      for (const auto& element : json) list.append(object_of(element));
      return list;
    }
    case Kind::object: {
      nb::dict dict;
      for (const auto& [key, value] : json.items()) dict[key.c_str()] = object_of(value);
      return dict;
    }
  }
  return nb::none();
}

}  // namespace neurocuda::python
