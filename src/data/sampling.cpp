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

/// The images at these indices, in this order.
Dataset subset(const Dataset& dataset, std::span<const std::int64_t> indices, const std::string& what) {
  Dataset part;
  part.name = fmt::format("{} ({})", dataset.name, what);
  part.classes = dataset.classes;
  part.mean = dataset.mean;
  part.stddev = dataset.stddev;
  part.images = gather(dataset.images, indices);
  part.values = gather(dataset.values, indices);
  for (const std::int64_t i : indices) part.labels.push_back(dataset.labels[static_cast<std::size_t>(i)]);
  return part;
}

std::int64_t checked_count(const Dataset& dataset, std::int64_t count) {
  if (count < 0) fail("{}: {} images asked for; give 0 (all) or more", dataset.name, count);
  return count == 0 ? dataset.size() : std::min(count, dataset.size());
}

std::vector<std::vector<std::int64_t>> indices_by_class(const Dataset& dataset) {
  std::vector<std::vector<std::int64_t>> groups(static_cast<std::size_t>(dataset.classes));
  for (std::int64_t i = 0; i < dataset.size(); ++i) groups.at(dataset.labels[static_cast<std::size_t>(i)]).push_back(i);
  return groups;
}

}  // namespace

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
