#pragma once

#include <string>
#include <vector>

#include "data/arrays/npz.hpp"
#include "neurocuda/data/dataset.hpp"

/// What arrays of numpy are as a data set (docs/data.md). `name` is that of the array, for messages.
namespace neurocuda::data {

/// Pixels or values, with the axes (N, C, H, W) or (N, T, C, H, W); no labels yet.
Dataset images_of(NumpyArray array, const std::string& name);
/// Whole numbers, (N,) or (N, 1).
std::vector<Label> labels_of(const NumpyArray& array, const std::string& name);
/// UserError unless there are as many labels as images, or none.
void require_one_label_each(const Dataset& dataset, const std::string& name);
/// Images 4, 9, 14 and so on, or all others.
Dataset every_fifth(const Dataset& whole, bool fifths);

}  // namespace neurocuda::data
