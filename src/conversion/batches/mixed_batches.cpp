#include "conversion/batches/mixed_batches.hpp"

#include <optional>
#include <utility>

#include "conversion/batches/image_mixing.hpp"
#include "data/augment.hpp"
#include "neurocuda/base/error.hpp"
#include "neurocuda/base/random.hpp"

namespace neurocuda::conversion {
namespace {

/// Another stream than the order of the epoch, which has the seed itself.
constexpr std::uint64_t kStream = 0x6D697875;

class MixedBatches : public TrainingBatches {
 public:
  MixedBatches(std::unique_ptr<TrainingBatches> batches, const Mixing& mixing, std::int64_t classes, std::uint64_t seed)
      : batches_(std::move(batches)), mixing_(mixing), classes_(classes), seed_(seed) {}

  std::int64_t batches() const override { return batches_->batches(); }

  void start(std::int64_t epoch) override {
    random_.emplace(data::epoch_seed(seed_ ^ kStream, epoch));
    plain_ = mixing_.plain_epochs > 0 && epoch >= mixing_.epochs - mixing_.plain_epochs;
    batches_->start(epoch);
  }

  bool next(DeviceBatch& batch) override {
    if (!batches_->next(batch)) return false;
    if (plain_) return true;
    const MixedImages mixed = mix(batch.images);
    const auto classes = torch::one_hot(batch.labels, classes_).to(torch::kFloat32);
    batch.images = mixed.images;
    batch.labels = torch::lerp(classes.index_select(0, mixed.partners), classes, mixed.shares.unsqueeze(1));
    return true;
  }

 private:
  MixedImages mix(const torch::Tensor& images) {
    const bool boxes = mixing_.cutmix > 0 && (mixing_.mixup == 0 || random_->below(2) == 1);
    return boxes ? cutmix(images, mixing_.cutmix, *random_) : mixup(images, mixing_.mixup, *random_);
  }

  std::unique_ptr<TrainingBatches> batches_;
  Mixing mixing_;
  std::int64_t classes_;
  std::uint64_t seed_;
  std::optional<Random> random_;
  bool plain_ = false;
};

void check(const char* option, double alpha) {
  if (!(alpha >= 0 && alpha <= 1)) fail("{} {}: must be 0 to 1", option, alpha);
}

}  // namespace

std::unique_ptr<TrainingBatches> mixed_batches(std::unique_ptr<TrainingBatches> batches, const Mixing& mixing,
                                               std::int64_t classes, std::uint64_t seed) {
  check("--mixup", mixing.mixup);
  check("--cutmix", mixing.cutmix);
  if (mixing.plain_epochs < 0) fail("--plain-epochs {}: must be 0 or more", mixing.plain_epochs);
  if (mixing.mixup == 0 && mixing.cutmix == 0) return batches;
  return std::make_unique<MixedBatches>(std::move(batches), mixing, classes, seed);
}

}  // namespace neurocuda::conversion
