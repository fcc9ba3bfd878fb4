#pragma once

#include <string>

#include "nir/hdf5/handle.hpp"
#include "nir/tree.hpp"

namespace neurocuda::nir::hdf5 {

/// Creates the dataset `name` in `parent`. Strings are variable-length UTF-8; larger arrays of numbers are chunked,
/// shuffled and gzipped. False when the library refuses.
bool write_dataset(const Group& parent, const std::string& name, const Array& array);

}  // namespace neurocuda::nir::hdf5
