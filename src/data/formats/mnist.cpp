#include <algorithm>

#include "data/formats/idx.hpp"
#include "neurocuda/base/error.hpp"

namespace neurocuda::data {
namespace fs = std::filesystem;
namespace {

/// Both spellings are in use: train-images-idx3-ubyte and train-images.idx3-ubyte.
fs::path idx_path(const fs::path& folder, const std::string& stem, const std::string& kind) {
  fs::path usual = folder / (stem + "-" + kind);
  fs::path dotted = folder / (stem + "." + kind);
  std::error_code ignored;
  if (fs::exists(usual, ignored)) return usual;
  if (fs::exists(dotted, ignored)) return dotted;
  if (fs::exists(usual.string() + ".gz", ignored)) {
    fail("{}: no such file, but it is there with .gz; unpack it with gunzip", usual.string());
  }
  fail("{}: no such file; give the folder of the four MNIST files", usual.string());
}

/// Whatever comes in MNIST's files may have more classes than MNIST: both parts say how many.
int classes_in(const fs::path& folder) {
  int classes = 0;
  for (const char* name :
       {"train-labels-idx1-ubyte", "train-labels.idx1-ubyte", "t10k-labels-idx1-ubyte", "t10k-labels.idx1-ubyte"})
    classes = std::max(classes, idx_classes(folder / name));
  return classes;
}

Stored load_split(const fs::path& folder, Split split) {
  const std::string prefix = split == Split::train ? "train" : "t10k";
  const fs::path labels_path = idx_path(folder, prefix + "-labels", "idx1-ubyte");
  Dataset dataset = load_idx(idx_path(folder, prefix + "-images", "idx3-ubyte"), labels_path);
  dataset.classes = std::max(dataset.classes, classes_in(folder));
  dataset.name = dataset_name(folder, "MNIST") + (split == Split::train ? " train" : " test");
  return dataset;
}

constexpr std::string_view kFiles[] = {
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
    "train-images.idx3-ubyte",
    "train-labels.idx1-ubyte",
    "t10k-images.idx3-ubyte",
    "t10k-labels.idx1-ubyte",
    // Recognised, so that loading can say that they have to be unpacked.
    "train-images-idx3-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
};

bool recognises(const fs::path& source) { return holds_any(source, kFiles); }

}  // namespace

extern const Format mnist_format;
constinit const Format mnist_format{
    "a folder of MNIST's idx files",
    "MNIST: train-images-idx3-ubyte, train-labels-idx1-ubyte and the same two with t10k",
    recognises,
    load_split,
};

}  // namespace neurocuda::data
