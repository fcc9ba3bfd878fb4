#pragma once

#include <exception>
#include <optional>
#include <string>

namespace neurocuda::cli {

/// What to say of an exception that means that memory ran out, ours or libtorch's: how much was needed, and what needs
/// less. Empty for any other.
std::optional<std::string> out_of_memory(const std::exception& error);

}  // namespace neurocuda::cli
