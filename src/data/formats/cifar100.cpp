#include "data/formats/cifar.hpp"
#include "neurocuda/base/error.hpp"
#include "neurocuda/data/parse.hpp"

namespace neurocuda::data {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kFiles[] = {"train.bin", "test.bin"};
constexpr std::string_view kPickles[] = {"train", "test", "meta"};

/// The files lie in the folder itself, or in the one that the official archive unpacks to.
fs::path inner_folder(const fs::path& source) { return source / "cifar-100-binary"; }

/// The Python version, to say so: three files without an extension.
bool holds_pickles(const fs::path& folder) {
  std::error_code ignored;
  return std::ranges::all_of(kPickles, [&](auto name) { return fs::is_regular_file(folder / name, ignored); });
}

bool recognises(const fs::path& source) {
  std::error_code ignored;
  return holds_any(source, kFiles) || fs::is_directory(inner_folder(source), ignored) || holds_pickles(source) ||
         holds_pickles(source / "cifar-100-python");
}

Stored load_split(const fs::path& source, Split split) {
  const fs::path folder = holds_any(source, kFiles) ? source : inner_folder(source);
  const fs::path path = folder / (split == Split::train ? "train.bin" : "test.bin");
  std::error_code ignored;
  if (!fs::exists(path, ignored)) {
    const bool pickles = holds_pickles(source) || holds_pickles(source / "cifar-100-python");
    fail("{}: no such file{}; get the binary version of CIFAR-100 (cifar-100-binary.tar.gz)", path.string(),
         pickles ? ", but the Python version of CIFAR-100 (pickles) is there" : "");
  }
  CifarRecords records;
  parse_cifar100(read_file(path, kCifar100MaxRecords * kCifar100RecordBytes), path.string(), records);
  Dataset dataset = cifar_dataset(std::move(records), 100, folder / "fine_label_names.txt");
  dataset.name = dataset_name(folder, "CIFAR-100") + (split == Split::train ? " train" : " test");
  dataset.mean = {0.5071F, 0.4865F, 0.4409F};
  dataset.stddev = {0.2673F, 0.2564F, 0.2762F};
  return dataset;
}

}  // namespace

extern const Format cifar100_format;
constinit const Format cifar100_format{
    "a folder of CIFAR-100's binary files",
    "CIFAR-100: train.bin and test.bin",
    recognises,
    load_split,
};

}  // namespace neurocuda::data
