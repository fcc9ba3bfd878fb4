#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "neurocuda/neurons/libtorch.hpp"

namespace neurocuda::training {

/// The exponential moving average of a network's tensors over the steps of its training, a running form of averaging
/// the iterates (Polyak and Juditsky 1992): average <- d average + (1 - d) tensor, d = min(decay, (n + 1) / (n + 10))
/// in step n, so that the first steps are soon forgotten.
class MovingAverage {
 public:
  using Tensors = std::map<std::string, torch::Tensor>;

  /// Starts at the values that `tensors` have; they are followed, not copied. UserError unless 0 < decay < 1.
  MovingAverage(Tensors tensors, double decay);

  /// After a step, the 0-based number `step` of the whole training.
  void update(std::int64_t step);
  /// Exchanges the values of the tensors with their averages.
  void swap();

  const Tensors& averages() const { return averages_; }

 private:
  Tensors tensors_, averages_;
  double decay_;
};

/// The averages are the tensors' values as long as this lives; nothing without an average.
class Averaged {
 public:
  explicit Averaged(MovingAverage* average) : average_(average) {
    if (average_) average_->swap();
  }
  ~Averaged() {
    if (average_) average_->swap();
  }
  Averaged(const Averaged&) = delete;
  Averaged& operator=(const Averaged&) = delete;

 private:
  MovingAverage* average_;
};

}  // namespace neurocuda::training
