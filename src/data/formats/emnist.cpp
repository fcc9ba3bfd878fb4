#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>

#include "data/formats/idx.hpp"
#include "neurocuda/base/error.hpp"

namespace neurocuda::data {
namespace fs = std::filesystem;
namespace {

/// The variants of EMNIST (Cohen et al. 2017) and what their first label is.
struct Variant {
  std::string_view name;
  int classes, first_label;
};
constexpr Variant kVariants[] = {{"balanced", 47, 0}, {"byclass", 62, 0}, {"bymerge", 47, 0},
                                 {"digits", 10, 0},   {"letters", 26, 1}, {"mnist", 10, 0}};

/// emnist-letters-train-images-idx3-ubyte, of a prefix FOLDER/emnist-letters.
fs::path file_of(const fs::path& prefix, std::string_view rest) { return prefix.string() + "-" + std::string(rest); }

bool holds_images(const fs::path& prefix) {
  std::error_code ignored;
  return std::ranges::any_of(std::array{"train-images-idx3-ubyte", "test-images-idx3-ubyte",
                                        "train-images-idx3-ubyte.gz", "test-images-idx3-ubyte.gz"},
                             [&](const char* rest) { return fs::exists(file_of(prefix, rest), ignored); });
}

fs::path prefix_of(const fs::path& folder, const Variant& variant) {
  return folder / fmt::format("emnist-{}", variant.name);
}

/// Of a folder, the variants in it; of FOLDER/emnist-letters, that one.
std::vector<const Variant*> variants_at(const fs::path& source) {
  std::vector<const Variant*> found;
  for (const Variant& variant : kVariants) {
    const bool named = source.filename() == fmt::format("emnist-{}", variant.name);
    if (holds_images(named ? source : prefix_of(source, variant))) found.push_back(&variant);
  }
  return found;
}

bool recognises(const fs::path& source) { return !variants_at(source).empty(); }

fs::path existing(const fs::path& path) {
  std::error_code ignored;
  if (fs::exists(path, ignored)) return path;
  const bool packed = fs::exists(path.string() + ".gz", ignored);
  fail("{}: no such file{}", path.string(),
       packed ? ", but it is there with .gz; unpack it with gunzip" : "; give the folder of EMNIST's files");
}

/// emnist-balanced-mapping.txt: a line with the class and the codes of its characters, the first of which names it.
std::vector<std::string> names_of(const fs::path& prefix, const Variant& variant) {
  std::ifstream file(file_of(prefix, "mapping.txt"));
  std::vector<std::string> names;
  std::int64_t label = 0, code = 0;
  std::string others;
  while (file >> label >> code && std::getline(file, others) && code > 0x20 && code < 0x7F)
    names.emplace_back(1, static_cast<char>(code));
  if (std::ssize(names) != variant.classes) names.clear();
  return names;
}

void shift_labels(Dataset& dataset, const Variant& variant, const fs::path& file) {
  for (std::size_t i = 0; i < dataset.labels.size(); ++i) {
    const int label = dataset.labels[i];
    if (label < variant.first_label || label >= variant.first_label + variant.classes) {
      fail("{}: record {} has the label {}, expected {}..{}; the file is damaged or not of EMNIST's {}", file.string(),
           i, label, variant.first_label, variant.first_label + variant.classes - 1, variant.name);
    }
    dataset.labels[i] = static_cast<Label>(label - variant.first_label);
  }
}

Stored load_split(const fs::path& source, Split split) {
  const auto found = variants_at(source);
  if (found.size() > 1) {
    std::vector<std::string> names;
    for (const Variant* variant : found) names.push_back(prefix_of(source, *variant).string());
    fail("{}: holds several variants of EMNIST; give one of {}", source.string(), fmt::join(names, ", "));
  }
  const Variant& variant = *found.front();
  const fs::path prefix =
      source.filename() == fmt::format("emnist-{}", variant.name) ? source : prefix_of(source, variant);
  const std::string part = split == Split::train ? "train" : "test";
  const fs::path labels = existing(file_of(prefix, part + "-labels-idx1-ubyte"));
  Dataset dataset = load_idx(existing(file_of(prefix, part + "-images-idx3-ubyte")), labels);
  transpose_images(dataset);  // they are stored column by column
  shift_labels(dataset, variant, labels);
  dataset.classes = variant.classes;
  dataset.class_names = names_of(prefix, variant);
  dataset.name = dataset_name(prefix.parent_path(), fmt::format("EMNIST {}", variant.name)) + " " + part;
  return dataset;
}

}  // namespace

extern const Format emnist_format;
constinit const Format emnist_format{
    "a folder of EMNIST's idx files",
    "EMNIST: emnist-balanced-train-images-idx3-ubyte and the other three",
    recognises,
    load_split,
};

}  // namespace neurocuda::data
