#include "neurocuda/training/short_epochs.hpp"

#include <algorithm>
#include <utility>

namespace neurocuda::training {
namespace {

class ShortEpochs : public TrainingBatches {
 public:
  ShortEpochs(std::unique_ptr<TrainingBatches> batches, std::int64_t most)
      : batches_(std::move(batches)), most_(most) {}

  std::int64_t batches() const override { return std::min(most_, batches_->batches()); }
  void start(std::int64_t epoch) override {
    given_ = 0;
    batches_->start(epoch);
  }
  bool next(DeviceBatch& batch) override { return given_++ < most_ && batches_->next(batch); }

 private:
  std::unique_ptr<TrainingBatches> batches_;
  std::int64_t most_, given_ = 0;
};

}  // namespace

std::unique_ptr<TrainingBatches> short_epochs(std::unique_ptr<TrainingBatches> batches, std::int64_t images,
                                              std::int64_t batch_size) {
  if (images == 0) return batches;
  return std::make_unique<ShortEpochs>(std::move(batches), std::max<std::int64_t>(1, images / batch_size));
}

}  // namespace neurocuda::training
