#pragma once

namespace neurocuda::training {

/// What one epoch of training did.
struct EpochStatistics {
  int epoch = 0;  ///< 1-based
  double loss = 0, train_accuracy = 0, learning_rate = 0, seconds = 0;
};
template <class Visit>
void visit_fields(const EpochStatistics& epoch, const Visit& visit) {
  visit("epoch", epoch.epoch);
  visit("loss", epoch.loss);
  visit("train_accuracy", epoch.train_accuracy);
  visit("learning_rate", epoch.learning_rate);
  visit("seconds", epoch.seconds);
}

}  // namespace neurocuda::training
