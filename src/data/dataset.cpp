#include "neurocuda/data/dataset.hpp"

#include "neurocuda/base/error.hpp"

namespace neurocuda::data {

std::span<const std::uint8_t> Dataset::pixels(std::int64_t image, std::vector<std::uint8_t>& buffer) const {
  if (source) {
    buffer.resize(static_cast<std::size_t>(element_count(source->image_shape())));
    source->read(image, buffer);
    return buffer;
  }
  const auto count = static_cast<std::size_t>(images.size() / images.extent(0));
  return images.values().subspan(static_cast<std::size_t>(image) * count, count);
}

std::vector<std::int64_t> labels_of(const Dataset& dataset, std::int64_t begin, std::int64_t end) {
  if (!dataset.labelled()) return {};
  return {dataset.labels.begin() + begin, dataset.labels.begin() + end};
}

void require_labels(const Dataset& dataset, std::string_view what) {
  if (dataset.labelled()) return;
  fail("{}: has no labels, and {} needs them; give labelled images", dataset.name, what);
}

}  // namespace neurocuda::data
