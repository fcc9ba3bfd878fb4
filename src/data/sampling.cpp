#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "neurocuda/base/error.hpp"
#include "neurocuda/base/random.hpp"
#include "neurocuda/data/at_most.hpp"
#include "neurocuda/data/dataset.hpp"

namespace neurocuda::data {
namespace {

/// The slices at these indices along the outermost axis, in this order.
template <class T>
Tensor<T> gather(const Tensor<T>& tensor, std::span<const std::int64_t> indices) {
  if (tensor.empty()) return {};
  Shape shape = tensor.shape();
  const std::int64_t size = tensor.size() / shape[0];
  shape[0] = static_cast<std::int64_t>(indices.size());
  Tensor<T> part(shape);
  T* out = part.data();
  for (const std::int64_t i : indices) out = std::copy_n(tensor.data() + i * size, size, out);
  return part;
}

/// Some images of another source.
class Selection : public ImageSource {
 public:
  Selection(std::shared_ptr<const ImageSource> whole, std::span<const std::int64_t> indices)
      : whole_(std::move(whole)), indices_(indices.begin(), indices.end()) {}

  std::int64_t size() const override { return std::ssize(indices_); }
  const Shape& image_shape() const override { return whole_->image_shape(); }
  void read(std::int64_t image, std::span<std::uint8_t> pixels) const override { whole_->read(at(image), pixels); }
  void identify(std::int64_t image, Hash& hash) const override { whole_->identify(at(image), hash); }

 private:
  std::int64_t at(std::int64_t image) const { return indices_.at(static_cast<std::size_t>(image)); }

  std::shared_ptr<const ImageSource> whole_;
  std::vector<std::int64_t> indices_;
};

std::int64_t checked_count(const Dataset& dataset, std::int64_t count) {
  if (count < 0) fail("{}: {} images asked for; give 0 (all) or more", dataset.name, count);
  return count == 0 ? dataset.size() : std::min(count, dataset.size());
}

/// Without labels, all are of one class.
std::vector<std::vector<std::int64_t>> indices_by_class(const Dataset& dataset) {
  const bool labelled = dataset.labelled();
  std::vector<std::vector<std::int64_t>> groups(static_cast<std::size_t>(labelled ? dataset.classes : 1));
  for (std::int64_t i = 0; i < dataset.size(); ++i)
    groups.at(labelled ? dataset.labels[static_cast<std::size_t>(i)] : 0).push_back(i);
  return groups;
}

}  // namespace

Dataset subset(const Dataset& dataset, std::span<const std::int64_t> indices, const std::string& what) {
  Dataset part;
  part.name = fmt::format("{} ({})", dataset.name, what);
  part.classes = dataset.classes;
  part.mean = dataset.mean;
  part.stddev = dataset.stddev;
  part.class_names = dataset.class_names;
  part.notices = dataset.notices;
  part.images = gather(dataset.images, indices);
  part.values = gather(dataset.values, indices);
  if (dataset.source) part.source = std::make_shared<Selection>(dataset.source, indices);
  if (!dataset.labelled()) return part;
  for (const std::int64_t i : indices) part.labels.push_back(dataset.labels[static_cast<std::size_t>(i)]);
  return part;
}

Dataset head(const Dataset& dataset, std::int64_t count) {
  const std::int64_t taken = checked_count(dataset, count);
  if (taken == dataset.size()) return dataset;
  std::vector<std::int64_t> indices(static_cast<std::size_t>(taken));
  for (std::int64_t i = 0; i < taken; ++i) indices[static_cast<std::size_t>(i)] = i;
  return subset(dataset, indices, fmt::format("first {}", taken));
}

std::pair<Dataset, Dataset> split(const Dataset& dataset, double fraction, std::uint64_t seed) {
  if (!(fraction >= 0.0 && fraction <= 1.0))
    fail("{}: cannot hold out the fraction {}; give 0 to 1", dataset.name, fraction);
  Random random(seed);
  std::vector<std::int64_t> kept, held_out;
  for (const auto& group : indices_by_class(dataset)) {
    const auto count = static_cast<std::int64_t>(group.size());
    const auto order = random.permutation(count);
    const std::int64_t taken = std::llround(fraction * static_cast<double>(count));
    for (std::int64_t i = 0; i < count; ++i) {
      (i < taken ? held_out : kept).push_back(group[static_cast<std::size_t>(order[static_cast<std::size_t>(i)])]);
    }
  }
  std::sort(kept.begin(), kept.end());
  std::sort(held_out.begin(), held_out.end());
  return {subset(dataset, kept, fmt::format("{} kept", kept.size())),
          subset(dataset, held_out, fmt::format("{} held out", held_out.size()))};
}

Dataset sample(const Dataset& dataset, std::int64_t count, std::uint64_t seed) {
  const std::int64_t taken = checked_count(dataset, count);
  auto order = Random(seed).permutation(dataset.size());
  order.resize(static_cast<std::size_t>(taken));
  return subset(dataset, order, fmt::format("{} drawn with seed {}", taken, seed));
}

Dataset at_most(const Dataset& dataset, std::int64_t count, std::uint64_t seed) {
  return count > 0 && count < dataset.size() ? sample(dataset, count, seed) : dataset;
}

}  // namespace neurocuda::data
