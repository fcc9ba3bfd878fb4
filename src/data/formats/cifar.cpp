#include "data/formats/cifar.hpp"

#include <sstream>
#include <utility>

#include "neurocuda/base/error.hpp"

namespace neurocuda::data {
namespace {

/// Both formats: label bytes, of which the last one counts, and 3,072 pixel bytes a record.
struct Layout {
  std::string_view name;
  std::int64_t label_bytes, most_records;
  int classes;
  std::int64_t record_bytes() const { return label_bytes + 3 * 32 * 32; }
};

void parse(std::span<const std::uint8_t> bytes, std::string_view file, const Layout& layout, CifarRecords& records) {
  const auto size = static_cast<std::int64_t>(bytes.size());
  const std::int64_t record_bytes = layout.record_bytes(), count = size / record_bytes;
  if (count > layout.most_records) {
    fail("{}: oversized: {} bytes, expected at most {} ({} records of {} bytes); check that it is the right file", file,
         size, layout.most_records * record_bytes, layout.most_records, record_bytes);
  }
  if (count == 0 || size % record_bytes != 0) {
    fail("{}: truncated or oversized: {} bytes, expected a multiple of {} (a whole file has {}); download it again",
         file, size, record_bytes, layout.most_records * record_bytes);
  }
  for (std::int64_t i = 0; i < count; ++i) {
    const auto record =
        bytes.subspan(static_cast<std::size_t>(i * record_bytes), static_cast<std::size_t>(record_bytes));
    const std::uint8_t label = record[static_cast<std::size_t>(layout.label_bytes - 1)];
    if (label >= layout.classes) {
      fail("{}: record {} has the label {}, expected 0..{}; the file is damaged or not {}", file, i, label,
           layout.classes - 1, layout.name);
    }
    records.labels.push_back(label);
    records.pixels.insert(records.pixels.end(), record.begin() + layout.label_bytes, record.end());
  }
}

/// The lines that are not empty; none when there is no such file.
std::vector<std::string> lines_of(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return {};
  const auto bytes = read_file(path, 64 << 10);
  std::istringstream text(std::string(bytes.begin(), bytes.end()));
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) {
    if (line.ends_with('\r')) line.pop_back();
    if (!line.empty()) lines.push_back(line);
  }
  return lines;
}

}  // namespace

void parse_cifar10(std::span<const std::uint8_t> bytes, std::string_view file, CifarRecords& records) {
  parse(bytes, file, {"CIFAR-10", 1, kCifarMaxRecords, 10}, records);
}

void parse_cifar100(std::span<const std::uint8_t> bytes, std::string_view file, CifarRecords& records) {
  parse(bytes, file, {"CIFAR-100", 2, kCifar100MaxRecords, 100}, records);
}

Dataset cifar_dataset(CifarRecords records, int classes, const std::filesystem::path& names) {
  Dataset dataset;
  const auto count = std::ssize(records.labels);
  dataset.images = Tensor<std::uint8_t>({count, 3, 32, 32}, std::move(records.pixels));
  dataset.labels.assign(records.labels.begin(), records.labels.end());
  dataset.classes = classes;
  auto lines = lines_of(names);
  if (std::ssize(lines) == classes) dataset.class_names = std::move(lines);
  return dataset;
}

}  // namespace neurocuda::data
