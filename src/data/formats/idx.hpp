#pragma once

#include <filesystem>

#include "data/files.hpp"
#include "data/formats.hpp"
#include "neurocuda/data/parse.hpp"

namespace neurocuda::data {

/// Rows become columns.
void transpose_images(Dataset& dataset);

/// One more than the largest label of an idx file; 0 when there is no such file.
int idx_classes(const std::filesystem::path& labels);

}  // namespace neurocuda::data
