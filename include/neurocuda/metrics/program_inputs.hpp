#pragma once

#include "neurocuda/data/dataset.hpp"
#include "neurocuda/program/encode.hpp"

namespace neurocuda::metrics {

/// Images [begin, end) as the Program takes them, for program::encode: normalised with its mean and stddev where it has
/// them, otherwise with the data set's, (n, C, H, W); or spike trains, (n, T, C, H, W).
inline Tensor<float> inputs_of(const program::Program& program, const data::Dataset& dataset, std::int64_t begin,
                               std::int64_t end) {
  const Shape& shape = program.nodes.front().shape;
  const program::InputNode& input = program.input();
  return input.encoding == program::InputEncoding::spike_train
             ? data::spike_trains_for(shape, dataset, begin, end)
             : data::normalized_for(shape, dataset, begin, end, input.mean, input.stddev);
}

}  // namespace neurocuda::metrics
