#include "conversion/training/mixed_batches.hpp"

#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "data/augment.hpp"
#include "neurocuda/base/error.hpp"
#include "neurocuda/base/random.hpp"

namespace neurocuda::conversion {
namespace {

/// Another stream than the order of the epoch, which has the seed itself.
constexpr std::uint64_t kStream = 0x6D697875;

/// Beta(alpha, alpha) of 0 < alpha <= 1 (Joehnk 1964).
double draw_beta(Random& random, double alpha) {
  while (true) {
    const double u = random.uniform(), v = random.uniform();
    const double x = std::pow(u, 1 / alpha), y = std::pow(v, 1 / alpha);
    if (x + y == 0) return u > v ? 1 : 0;  // too small for a double: one of them is as good as all
    if (x + y <= 1) return x / (x + y);
  }
}

/// s a + (1 - s) b along dimension 0.
torch::Tensor mixture(const torch::Tensor& a, const torch::Tensor& partners, const torch::Tensor& shares) {
  std::vector<std::int64_t> one_each(static_cast<std::size_t>(a.dim()), 1);
  one_each[0] = a.size(0);
  return torch::lerp(a.index_select(0, partners), a, shares.view(one_each));
}

class MixedBatches : public TrainingBatches {
 public:
  MixedBatches(std::unique_ptr<TrainingBatches> batches, double alpha, std::int64_t classes, std::uint64_t seed)
      : batches_(std::move(batches)), alpha_(alpha), classes_(classes), seed_(seed) {}

  std::int64_t batches() const override { return batches_->batches(); }

  void start(std::int64_t epoch) override {
    random_.emplace(data::epoch_seed(seed_ ^ kStream, epoch));
    batches_->start(epoch);
  }

  bool next(DeviceBatch& batch) override {
    if (!batches_->next(batch)) return false;
    const std::int64_t count = batch.images.size(0);
    const auto device = batch.images.device();
    const auto partners = torch::tensor(random_->permutation(count), torch::kInt64).to(device);
    std::vector<float> shares(static_cast<std::size_t>(count));
    for (float& share : shares) share = static_cast<float>(draw_beta(*random_, alpha_));
    const auto share = torch::tensor(shares).to(device);
    batch.images = mixture(batch.images, partners, share).contiguous(torch::MemoryFormat::ChannelsLast);
    batch.labels = mixture(torch::one_hot(batch.labels, classes_).to(torch::kFloat32), partners, share);
    return true;
  }

 private:
  std::unique_ptr<TrainingBatches> batches_;
  double alpha_;
  std::int64_t classes_;
  std::uint64_t seed_;
  std::optional<Random> random_;
};

}  // namespace

std::unique_ptr<TrainingBatches> mixed_batches(std::unique_ptr<TrainingBatches> batches, double alpha,
                                               std::int64_t classes, std::uint64_t seed) {
  if (!(alpha >= 0 && alpha <= 1)) fail("--mixup {}: must be 0 to 1", alpha);
  if (alpha == 0) return batches;
  return std::make_unique<MixedBatches>(std::move(batches), alpha, classes, seed);
}

}  // namespace neurocuda::conversion
