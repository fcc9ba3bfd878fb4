#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace neurocuda::nir::native {

inline constexpr std::size_t kMaxSettingsBytes = std::size_t{1} << 20;
inline constexpr int kMaxSettingsDepth = 32;

/// What is wrong with settings as text, to follow the words "settings": they must be one JSON object of at most
/// kMaxSettingsBytes, nested at most kMaxSettingsDepth deep. Empty when nothing is.
std::string settings_defect(std::string_view text);

}  // namespace neurocuda::nir::native
