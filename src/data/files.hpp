#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace neurocuda::data {

/// The one line of folder/name.txt if there is such a file, otherwise `standard`. UserError when it is empty, longer
/// than 80 characters or not printable ASCII.
std::string dataset_name(const std::filesystem::path& folder, std::string_view standard);

/// Whether any of these files exists in the folder.
bool holds_any(const std::filesystem::path& folder, std::span<const std::string_view> files);

}  // namespace neurocuda::data
