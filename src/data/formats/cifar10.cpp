#include <utility>

#include "data/files.hpp"
#include "data/formats.hpp"
#include "neurocuda/base/error.hpp"
#include "neurocuda/base/file.hpp"
#include "neurocuda/data/parse.hpp"

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

bool recognises(const fs::path& source) {
  std::error_code ignored;
  return holds_files(source) || fs::is_directory(inner_folder(source), ignored);
}

void require_file(const fs::path& path) {
  std::error_code ignored;
  if (fs::exists(path, ignored)) return;
  fs::path without_extension = path;
  if (fs::exists(without_extension.replace_extension(), ignored)) {
    fail(
        "{}: no such file, but the Python version of CIFAR-10 is there; get the binary version "
        "(cifar-10-binary.tar.gz)",
        path.string());
  }
  fail("{}: no such file; give the folder of the binary version of CIFAR-10 (data_batch_1..5.bin and test_batch.bin)",
       path.string());
}

Dataset load_split(const fs::path& source, Split split) {
  const fs::path folder = holds_files(source) ? source : inner_folder(source);
  const auto files = files_of(split);
  for (const auto& file : files) require_file(folder / file);
  CifarRecords records;
  for (const auto& file : files) {
    const fs::path path = folder / file;
    const auto bytes = read_file(path, kCifarMaxRecords * kCifarRecordBytes);
    if (records.pixels.empty()) records.pixels.reserve(bytes.size() * files.size());
    parse_cifar10(bytes, path.string(), records);
  }
  Dataset dataset;
  dataset.name = dataset_name(folder, "CIFAR-10") + (split == Split::train ? " train" : " test");
  const auto count = static_cast<std::int64_t>(records.labels.size());
  dataset.images = Tensor<std::uint8_t>({count, 3, 32, 32}, std::move(records.pixels));
  dataset.labels.assign(records.labels.begin(), records.labels.end());
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

void parse_cifar10(std::span<const std::uint8_t> bytes, std::string_view file, CifarRecords& records) {
  const auto size = static_cast<std::int64_t>(bytes.size());
  const std::int64_t count = size / kCifarRecordBytes;
  if (count > kCifarMaxRecords) {
    fail("{}: oversized: {} bytes, expected at most {} ({} records of {} bytes); check that it is the right file", file,
         size, kCifarMaxRecords * kCifarRecordBytes, kCifarMaxRecords, kCifarRecordBytes);
  }
  if (count == 0 || size % kCifarRecordBytes != 0) {
    fail("{}: truncated or oversized: {} bytes, expected a multiple of {} (a whole file has {}); download it again",
         file, size, kCifarRecordBytes, kCifarMaxRecords * kCifarRecordBytes);
  }
  for (std::int64_t i = 0; i < count; ++i) {
    const auto record = bytes.subspan(static_cast<std::size_t>(i * kCifarRecordBytes), kCifarRecordBytes);
    if (record[0] > 9) {
      fail("{}: record {} has the label {}, expected 0..9; the file is damaged or not CIFAR-10", file, i, record[0]);
    }
    records.labels.push_back(record[0]);
    records.pixels.insert(records.pixels.end(), record.begin() + 1, record.end());
  }
}

}  // namespace neurocuda::data
