#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "neurocuda/data/dataset.hpp"

namespace neurocuda::data {

/// The images of `files` as one data set, resized and cropped as the options say. Sets `images` or, where those would
/// be large, `source`, and notices.
void attach_files(Dataset& dataset, std::vector<std::filesystem::path> files, const LoadOptions& options);

}  // namespace neurocuda::data
