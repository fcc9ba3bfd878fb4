#include "data/arrays/npz.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "data/arrays/to_dataset.hpp"
#include "data/formats.hpp"
#include "neurocuda/base/error.hpp"

namespace neurocuda::data {
namespace fs = std::filesystem;
namespace {

constexpr std::int64_t kMostArrayBytes = std::int64_t{1} << 33;

/// Spellings of the parts in which arrays come, and of data without parts.
struct Names {
  const char *train_images, *train_labels, *test_images, *test_labels;
};
constexpr Names kParts[] = {{"x_train", "y_train", "x_test", "y_test"},
                            {"train_images", "train_labels", "test_images", "test_labels"}};
constexpr std::pair<const char*, const char*> kWhole[] = {{"x", "y"}, {"images", "labels"}};

bool recognises(const fs::path& source) {
  std::error_code ignored;
  return source.extension() == ".npz" && fs::is_regular_file(source, ignored);
}

std::optional<NumpyArray> read_if_there(const NpzFile& file, const std::string& name) {
  if (!file.holds(name)) return std::nullopt;
  return file.read(name, kMostArrayBytes);
}

/// As many classes as the largest label of either part asks for.
int classes_of(const std::vector<Label>& labels) { return labels.empty() ? 0 : 1 + *std::ranges::max_element(labels); }

Dataset load_part(const NpzFile& file, const Names& names, Split split) {
  const bool train = split == Split::train;
  const std::string images = train ? names.train_images : names.test_images;
  const std::string labels = train ? names.train_labels : names.test_labels;
  const std::string other = train ? names.test_labels : names.train_labels;
  if (!file.holds(images)) fail("{}: has no array {}; save it beside the others", file.name(), images);
  Dataset dataset = images_of(file.read(images, kMostArrayBytes), fmt::format("{}: {}", file.name(), images));
  const auto read_labels = [&](const std::string& name) {
    const auto array = read_if_there(file, name);
    return array ? labels_of(*array, fmt::format("{}: {}", file.name(), name)) : std::vector<Label>{};
  };
  dataset.labels = read_labels(labels);
  dataset.classes = dataset.labels.empty() ? 0 : std::max(classes_of(dataset.labels), classes_of(read_labels(other)));
  require_one_label_each(dataset, fmt::format("{}: {}", file.name(), labels));
  return dataset;
}

/// Every fifth image is the test part.
Dataset load_share(const NpzFile& file, const std::string& images, const std::string& labels, Split split) {
  Dataset whole = images_of(file.read(images, kMostArrayBytes), fmt::format("{}: {}", file.name(), images));
  if (const auto array = read_if_there(file, labels))
    whole.labels = labels_of(*array, fmt::format("{}: {}", file.name(), labels));
  whole.classes = classes_of(whole.labels);
  require_one_label_each(whole, fmt::format("{}: {}", file.name(), labels));
  return every_fifth(whole, split == Split::test);
}

Stored load_split(const fs::path& source, Split split) {
  const NpzFile file(source);
  const std::string name = source.stem().string() + (split == Split::train ? " train" : " test");
  for (const Names& names : kParts) {
    if (!file.holds(names.train_images) && !file.holds(names.test_images)) continue;
    Dataset dataset = load_part(file, names, split);
    dataset.name = name;
    require_spikes(dataset);
    return dataset;
  }
  for (const auto& [images, labels] : kWhole) {
    if (!file.holds(images)) continue;
    Dataset dataset = load_share(file, images, labels, split);
    dataset.name = name + (split == Split::train ? " (all but every fifth)" : " (every fifth)");
    require_spikes(dataset);
    return dataset;
  }
  std::string held;
  for (const std::string& array : file.names()) held += (held.empty() ? "" : ", ") + array;
  fail("{}: holds {}; save x and y, or x_train, y_train, x_test and y_test", file.name(),
       held.empty() ? "no arrays" : held.substr(0, 200));
}

}  // namespace

extern const Format npz_format;
constinit const Format npz_format{
    "a .npz file of numpy",
    "",
    recognises,
    load_split,
};

}  // namespace neurocuda::data
