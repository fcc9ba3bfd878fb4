#pragma once

#include <string_view>

#include "nir/hdf5/global_heap.hpp"
#include "nir/hdf5/object_header.hpp"
#include "nir/hdf5/tree_file.hpp"
#include "nir/tree.hpp"

namespace neurocuda::nir::hdf5 {

/// The whole dataset if it is wanted, integers widened to int64. `object` is its path in the file.
Array read_dataset(Image& image, GlobalHeap& heap, const ObjectHeader& header, std::string_view object,
                   const Wanted& wanted);

}  // namespace neurocuda::nir::hdf5
