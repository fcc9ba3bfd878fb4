#include "neurocuda/base/threads.hpp"
#include "neurocuda/data/augment.hpp"
#include "neurocuda/data/normalize.hpp"
#include "neurocuda/network/device.hpp"
#include "neurocuda/training/training_batches.hpp"

namespace neurocuda::training {
namespace {

/// Fields of data::Placement, one column of a batch's (n, 7) table each.
enum Column : std::int64_t { kDown, kRight, kMirror, kTop, kBottom, kLeft, kRightEdge, kColumns };

void append(const data::Placement& p, std::vector<std::int64_t>& rows) {
  rows.insert(rows.end(), {p.down, p.right, p.mirror ? 1 : 0, p.top, p.bottom, p.left, p.right_edge});
}

torch::Tensor decoded(const data::ImageSource& source, const std::vector<std::int64_t>& shape) {
  const auto images = torch::empty(shape, torch::kUInt8);
  const std::int64_t pixels = shape[1] * shape[2];
  parallel_for(shape[0], 0, [&](std::int64_t i, int) {
    source.read(i, {images.data_ptr<std::uint8_t>() + i * pixels, static_cast<std::size_t>(pixels)});
  });
  return images;
}

torch::Tensor stored_images(const data::Dataset& dataset) {
  const Shape image = dataset.image_shape();
  const std::vector<std::int64_t> shape{dataset.size(), image[0], image[1] * image[2]};
  if (dataset.is_normalized())
    return torch::from_blob(const_cast<float*>(dataset.values.data()), shape, torch::kFloat32);
  if (dataset.source) return decoded(*dataset.source, shape);
  return torch::from_blob(const_cast<std::uint8_t*>(dataset.images.data()), shape, torch::kUInt8);
}

class ResidentBatches : public TrainingBatches {
 public:
  ResidentBatches(const data::Dataset& dataset, const data::LoaderOptions& options, torch::Device device)
      : loader_(dataset, options), options_(options), device_(device) {
    const Shape image = dataset.image_shape();
    size_ = {image[0], image[1], image[2]};
    images_ = stored_images(dataset).to(device, /*non_blocking=*/false, /*copy=*/true);
    labels_ = network::labels_to_device({dataset.labels.begin(), dataset.labels.end()}, device);
    if (dataset.is_normalized()) return;
    const bool own = options.mean.empty() && options.stddev.empty();
    const auto table = data::normalisation_table(size_.channels, own ? dataset.mean : options.mean,
                                                 own ? dataset.stddev : options.stddev);
    levels_ = torch::tensor(table).to(device);
    channel_of_level_ = torch::arange(size_.channels, torch::kInt64).to(device).mul(256).view({1, -1, 1});
  }

  std::int64_t batches() const override { return loader_.batches(); }

  void start(std::int64_t epoch) override {
    epoch_ = epoch;
    loader_.start(epoch);
  }

  bool next(DeviceBatch& batch) override {
    if (!loader_.next_images(chosen_)) return false;
    std::vector<std::int64_t> rows;
    for (const std::int64_t image : chosen_)
      append(data::draw_placement(options_.augmentation, size_, options_.seed, epoch_, image), rows);
    const auto count = static_cast<std::int64_t>(chosen_.size());
    const auto placements = torch::tensor(rows, torch::kInt64).view({count, kColumns}).to(device_);
    const auto indices = torch::tensor(chosen_, torch::kInt64).to(device_);
    batch.images = placed(images_.index_select(0, indices), placements).contiguous(torch::MemoryFormat::ChannelsLast);
    batch.labels = labels_.index_select(0, indices);
    return true;
  }

 private:
  /// (n, C, H W) as stored -> (n, C, H, W): shifted, mirrored and cut out as data::place_image does it.
  torch::Tensor placed(const torch::Tensor& stored, const torch::Tensor& placements) const {
    const std::int64_t n = stored.size(0), c = size_.channels, h = size_.height, w = size_.width;
    const auto column = [&](Column which) { return placements.select(1, which).view({n, 1}); };
    const auto rows = torch::arange(h, torch::kInt64).to(device_).view({1, h});
    const auto columns = torch::arange(w, torch::kInt64).to(device_).view({1, w});

    const auto y = rows + column(kDown);
    const auto x = torch::where(column(kMirror).ne(0), w - 1 - columns, columns) + column(kRight);
    const auto inside = (y.ge(0) & y.lt(h)).view({n, 1, h, 1}) & (x.ge(0) & x.lt(w)).view({n, 1, 1, w});
    const auto source = (y.clamp(0, h - 1) * w).view({n, h, 1}) + x.clamp(0, w - 1).view({n, 1, w});
    const auto gathered = stored.gather(2, source.view({n, 1, h * w}).expand({n, c, h * w}));
    const auto shifted = torch::where(inside, values(gathered).view({n, c, h, w}), border());

    const auto cut_rows = rows.ge(column(kTop)) & rows.lt(column(kBottom));
    const auto cut_columns = columns.ge(column(kLeft)) & columns.lt(column(kRightEdge));
    return shifted.masked_fill(cut_rows.view({n, 1, h, 1}) & cut_columns.view({n, 1, 1, w}), 0.0);
  }

  /// The normalised values of stored pixels.
  torch::Tensor values(const torch::Tensor& pixels) const {
    if (!levels_.defined()) return pixels;
    return levels_.index_select(0, (pixels.to(torch::kInt64) + channel_of_level_).flatten()).view(pixels.sizes());
  }

  /// What lies around an image, (1, C, 1, 1): pixel 0, or the mean colour of normalised images.
  torch::Tensor border() const {
    if (!levels_.defined()) return torch::zeros({1, 1, 1, 1}, images_.options());
    return levels_.view({1, size_.channels, 256}).select(2, 0).view({1, -1, 1, 1});
  }

  data::Loader loader_;  // the order
  data::LoaderOptions options_;
  data::ImageSize size_;
  torch::Device device_;
  torch::Tensor images_, labels_, levels_, channel_of_level_;
  std::vector<std::int64_t> chosen_;
  std::int64_t epoch_ = 0;
};

}  // namespace

std::unique_ptr<TrainingBatches> resident_batches(const data::Dataset& dataset, const data::LoaderOptions& options,
                                                  torch::Device device) {
  return std::make_unique<ResidentBatches>(dataset, options, device);
}

}  // namespace neurocuda::training
