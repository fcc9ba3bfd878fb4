#pragma once

#include <algorithm>
#include <string>

#include "neurocuda/base/interrupt.hpp"
#include "neurocuda/base/progress.hpp"
#include "neurocuda/metrics/program_inputs.hpp"

namespace neurocuda::metrics {

/// work(images, begin, end) for every batch of a data set, normalised as the Program has it.
template <class Work>
void for_each_batch(const program::Program& program, const data::Dataset& dataset, std::int64_t batch_size,
                    const std::string& task, Progress& progress, const Work& work) {
  progress.start(task, dataset.size());
  for (std::int64_t begin = 0; begin < dataset.size(); begin += batch_size) {
    throw_if_interrupted();
    const std::int64_t end = std::min(dataset.size(), begin + batch_size);
    const Tensor<float> images = inputs_of(program, dataset, begin, end);
    work(images.view(), begin, end);
    progress.advance(end - begin);
  }
  progress.finish();
}

}  // namespace neurocuda::metrics
