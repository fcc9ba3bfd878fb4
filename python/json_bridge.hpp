#pragma once

#include "common.hpp"
#include "neurocuda/base/settings_json.hpp"

/// Settings come from Python and reports go there as JSON values, so that Python and --json cannot say different
/// things.
namespace neurocuda::python {

/// None, bool, int, float, str, dict, list, tuple, and numbers or arrays of numpy and torch. UserError, naming
/// `name`, for anything else.
settings::Json json_of(nb::handle value, const std::string& name);

/// dict, list, str, int, float, bool or None.
nb::object object_of(const settings::Json& json);

}  // namespace neurocuda::python
