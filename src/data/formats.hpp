#pragma once

#include <filesystem>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "neurocuda/data/dataset.hpp"

namespace neurocuda::data {

/// What a format reads: a data set in memory, or one whose images are files, all of them listed and none decoded.
struct Stored {
  Stored(Dataset in_memory) : dataset(std::move(in_memory)) {}  // NOLINT: most formats give back just that
  Stored(Dataset without_images, std::vector<std::filesystem::path> listed)
      : dataset(std::move(without_images)), files(std::move(listed)) {}

  Dataset dataset;
  std::vector<std::filesystem::path> files;  ///< one per image
};

/// A kind of data set that load() reads. Each is one file below formats/, which defines one of these, and one line in
/// the table of formats.cpp; help, error messages and describe_formats() follow from it.
struct Format {
  std::string_view description;  ///< what a user gives, for help and messages: "a folder of MNIST's idx files"
  std::string_view looks_for;    ///< the files that tell it, for messages; empty when it is told by its name
  bool (*recognises)(const std::filesystem::path& source);
  /// Reads one split of a source that was recognised, and no image of the other. UserError that names the file.
  /// Resizing, mean and stddev are not its concern.
  Stored (*load)(const std::filesystem::path& source, Split split);
};

/// All of them, in the order in which a source is tried.
std::span<const Format* const> formats();

}  // namespace neurocuda::data
