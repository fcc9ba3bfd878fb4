#include <utility>

#include "data/formats/cifar.hpp"
#include "neurocuda/base/error.hpp"

namespace neurocuda::data {
namespace fs = std::filesystem;
namespace {

// The official binary layout: 1 label byte and 3,072 pixel bytes a record, 1 to 10,000 records a file.
constexpr std::string_view kTrainFiles[] = {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
                                            "data_batch_4.bin", "data_batch_5.bin"};
constexpr std::string_view kTestFiles[] = {"test_batch.bin"};

std::span<const std::string_view> files_of(Split split) {
  if (split == Split::test) return kTestFiles;
  return kTrainFiles;
}

bool holds_files(const fs::path& folder) { return holds_any(folder, kTrainFiles) || holds_any(folder, kTestFiles); }

/// The files lie in the folder itself, or in the one that the official archive unpacks to.
fs::path inner_folder(const fs::path& source) { return source / "cifar-10-batches-bin"; }

/// The Python version, to say so: the same names without .bin.
constexpr std::string_view kPickles[] = {"data_batch_1", "data_batch_2", "data_batch_3",
                                         "data_batch_4", "data_batch_5", "test_batch"};

bool holds_pickles(const fs::path& folder) { return holds_any(folder, kPickles); }

bool recognises(const fs::path& source) {
  std::error_code ignored;
  return holds_files(source) || fs::is_directory(inner_folder(source), ignored) || holds_pickles(source) ||
         holds_pickles(source / "cifar-10-batches-py");
}

void require_file(const fs::path& path) {
  std::error_code ignored;
  if (fs::exists(path, ignored)) return;
  for (const fs::path& folder : {path.parent_path(), path.parent_path().parent_path() / "cifar-10-batches-py"}) {
    if (!holds_pickles(folder)) continue;
    fail(
        "{}: no such file, but the Python version of CIFAR-10 (pickles) is there; get the binary version "
        "(cifar-10-binary.tar.gz)",
        path.string());
  }
  fail("{}: no such file; give the folder of the binary version of CIFAR-10 (data_batch_1..5.bin and test_batch.bin)",
       path.string());
}

Stored load_split(const fs::path& source, Split split) {
  const bool here = holds_files(source) || holds_pickles(source);
  const fs::path folder = here ? source : inner_folder(source);
  const auto files = files_of(split);
  for (const auto& file : files) require_file(folder / file);
  CifarRecords records;
  for (const auto& file : files) {
    const fs::path path = folder / file;
    const auto bytes = read_file(path, kCifarMaxRecords * kCifarRecordBytes);
    if (records.pixels.empty()) records.pixels.reserve(bytes.size() * files.size());
    parse_cifar10(bytes, path.string(), records);
  }
  Dataset dataset = cifar_dataset(std::move(records), 10, folder / "batches.meta.txt");
  dataset.name = dataset_name(folder, "CIFAR-10") + (split == Split::train ? " train" : " test");
  dataset.mean = {0.4914F, 0.4822F, 0.4465F};
  dataset.stddev = {0.2470F, 0.2435F, 0.2616F};
  return dataset;
}

}  // namespace

extern const Format cifar10_format;
constinit const Format cifar10_format{
    "a folder of CIFAR-10's binary files",
    "CIFAR-10: data_batch_1.bin to data_batch_5.bin and test_batch.bin",
    recognises,
    load_split,
};

}  // namespace neurocuda::data
