#pragma once

#include <string>

#include "neurocuda/base/settings_json.hpp"

namespace neurocuda::cli {

/// The settings that a file holds, as one object: a JSON file with that object, the JSON document of an earlier command
/// (its "settings"), or a .nir, which keeps those that it was converted with. UserError when there are none.
settings::Json read_settings_file(const std::string& path);

}  // namespace neurocuda::cli
