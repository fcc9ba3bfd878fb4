#include "neurocuda/training/training_batches.hpp"

#include "neurocuda/network/device.hpp"

namespace neurocuda::training {
namespace {

constexpr std::int64_t kMostResidentBytes = std::int64_t{4} << 30;

std::int64_t bytes_of(const data::Dataset& dataset) {
  const std::int64_t values = dataset.size() * element_count(dataset.image_shape());
  return values * static_cast<std::int64_t>(dataset.is_normalized() ? sizeof(float) : sizeof(std::uint8_t));
}

class HostBatches : public TrainingBatches {
 public:
  HostBatches(const data::Dataset& dataset, const data::LoaderOptions& options, torch::Device device)
      : loader_(dataset, options), device_(device) {}

  std::int64_t batches() const override { return loader_.batches(); }
  void start(std::int64_t epoch) override { loader_.start(epoch); }
  bool next(DeviceBatch& batch) override {
    if (!loader_.next(host_)) return false;
    batch = {network::to_device(host_.images, device_), network::labels_to_device(host_.labels, device_)};
    return true;
  }

 private:
  data::Loader loader_;
  data::Batch host_;
  torch::Device device_;
};

}  // namespace

std::unique_ptr<TrainingBatches> host_batches(const data::Dataset& dataset, const data::LoaderOptions& options,
                                              torch::Device device) {
  return std::make_unique<HostBatches>(dataset, options, device);
}

std::unique_ptr<TrainingBatches> training_batches(const data::Dataset& dataset, const data::LoaderOptions& options,
                                                  torch::Device device) {
  const bool resident = !device.is_cpu() && bytes_of(dataset) <= kMostResidentBytes;
  return resident ? resident_batches(dataset, options, device) : host_batches(dataset, options, device);
}

}  // namespace neurocuda::training
