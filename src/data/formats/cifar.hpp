#pragma once

#include <algorithm>
#include <filesystem>

#include "data/files.hpp"
#include "data/formats.hpp"
#include "neurocuda/base/file.hpp"
#include "neurocuda/data/parse.hpp"

namespace neurocuda::data {

/// The records as 32x32 images of `classes` classes. `names`: a text file with one class name a line; when it does not
/// exist, or has another number of lines, the classes have no names.
Dataset cifar_dataset(CifarRecords records, int classes, const std::filesystem::path& names);

}  // namespace neurocuda::data
