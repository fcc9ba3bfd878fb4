#pragma once

#include <filesystem>
#include <span>
#include <string_view>

#include "neurocuda/data/dataset.hpp"

namespace neurocuda::data {

/// A kind of data set that load() reads. Each is one file below formats/, which defines one of these, and one line in
/// the table of formats.cpp; help, error messages and describe_formats() follow from it.
struct Format {
  std::string_view description;  ///< what a user gives, for help and messages: "a folder of MNIST's idx files"
  std::string_view looks_for;    ///< the files that tell it, for messages; empty when it is told by its name
  bool (*recognises)(const std::filesystem::path& source);
  /// Reads one split of a source that was recognised, and nothing else. UserError that names the file.
  Dataset (*load)(const std::filesystem::path& source, Split split);
};

/// All of them, in the order in which a source is tried.
std::span<const Format* const> formats();

}  // namespace neurocuda::data
