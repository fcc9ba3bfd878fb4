#pragma once

#include "data/formats.hpp"

namespace neurocuda::data {

/// What a format has read, as the options want it: decoded or left in files, resized, cropped, with mean and stddev.
Dataset prepared(Stored stored, const LoadOptions& options);

}  // namespace neurocuda::data
