#include <utility>

#include "data/files.hpp"
#include "neurocuda/base/error.hpp"
#include "neurocuda/base/file.hpp"
#include "neurocuda/data/dataset.hpp"
#include "neurocuda/data/parse.hpp"

namespace neurocuda::data {
namespace fs = std::filesystem;
namespace {

constexpr const char* kTestFile = "test_batch.bin";

const std::vector<std::string>& train_files() {
  static const std::vector<std::string> files{"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
                                              "data_batch_4.bin", "data_batch_5.bin"};
  return files;
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

Dataset load_files(const fs::path& source, const std::vector<std::string>& files, const char* split) {
  const fs::path folder = cifar10_folder(source);
  for (const auto& file : files) require_file(folder / file);
  CifarRecords records;
  for (const auto& file : files) {
    const fs::path path = folder / file;
    const auto bytes = read_file(path, kCifarMaxRecords * kCifarRecordBytes);
    if (records.pixels.empty()) records.pixels.reserve(bytes.size() * files.size());
    parse_cifar10(bytes, path.string(), records);
  }
  Dataset dataset;
  dataset.name = dataset_name(folder, "CIFAR-10") + " " + split;
  const auto count = static_cast<std::int64_t>(records.labels.size());
  dataset.images = Tensor<std::uint8_t>({count, 3, 32, 32}, std::move(records.pixels));
  dataset.labels.assign(records.labels.begin(), records.labels.end());
  dataset.mean = {0.4914F, 0.4822F, 0.4465F};
  dataset.stddev = {0.2470F, 0.2435F, 0.2616F};
  return dataset;
}

}  // namespace

const std::vector<std::string>& cifar10_files() {
  static const std::vector<std::string> files = [] {
    std::vector<std::string> all = train_files();
    all.emplace_back(kTestFile);
    return all;
  }();
  return files;
}

fs::path cifar10_folder(const fs::path& source) {
  const fs::path inner = source / "cifar-10-batches-bin";
  std::error_code ignored;
  if (fs::is_directory(inner, ignored) && !holds_any(source, cifar10_files())) return inner;
  return source;
}

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

Dataset load_cifar10_test(const fs::path& folder) { return load_files(folder, {kTestFile}, "test"); }

Dataset load_cifar10_train(const fs::path& folder) { return load_files(folder, train_files(), "train"); }

Splits load_cifar10(const fs::path& folder) {
  // The small file first: most mistakes show there.
  Dataset test = load_cifar10_test(folder);
  return {load_cifar10_train(folder), std::move(test)};
}

}  // namespace neurocuda::data
