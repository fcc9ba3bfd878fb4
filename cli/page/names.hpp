#pragma once

#include <span>
#include <string>

/// Names of layers to the left of a chart. They come from the user's model and may be of any length.
namespace neurocuda::cli::page {

/// Pixels that the longest name takes, with a margin; a third of the picture at most.
double name_width(std::span<const std::string> names);
/// The name, or its end behind "..." where it does not fit: layers of a model differ at the end.
std::string fitted(const std::string& name, double width);

}  // namespace neurocuda::cli::page
