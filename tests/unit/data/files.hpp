#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "support/temporary_folder.hpp"

namespace neurocuda::testing {

using Bytes = std::vector<std::uint8_t>;

/// A folder for one test that makes its own files.
class DataFolder : public TemporaryFolder {
 public:
  std::filesystem::path write(const std::string& name, const Bytes& bytes) const {
    std::filesystem::create_directories((path() / name).parent_path());
    std::ofstream(path() / name, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    return path() / name;
  }
  std::filesystem::path write(const std::string& name, const std::string& text) const {
    return write(name, Bytes(text.begin(), text.end()));
  }
};

/// CIFAR-10 records with the labels (first + i) % 10 and the pixels (7 first + 31 i + position) % 256.
inline Bytes cifar_records(int count, int first = 0) {
  Bytes bytes;
  for (int i = 0; i < count; ++i) {
    bytes.push_back(static_cast<std::uint8_t>((first + i) % 10));
    for (int p = 0; p < 3072; ++p) bytes.push_back(static_cast<std::uint8_t>(7 * first + 31 * i + p));
  }
  return bytes;
}

/// Six small valid files: file k holds k + 1 records.
inline void write_cifar10(const DataFolder& folder, const std::string& prefix = "") {
  for (int k = 0; k < 5; ++k) {
    folder.write(prefix + "data_batch_" + std::to_string(k + 1) + ".bin", cifar_records(k + 1, k));
  }
  folder.write(prefix + "test_batch.bin", cifar_records(6, 5));
}

/// An idx file of unsigned bytes.
inline Bytes idx(const std::vector<std::uint32_t>& shape, const Bytes& values) {
  Bytes bytes{0, 0, 8, static_cast<std::uint8_t>(shape.size())};
  for (const std::uint32_t extent : shape) {
    for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<std::uint8_t>(extent >> shift));
  }
  bytes.insert(bytes.end(), values.begin(), values.end());
  return bytes;
}

}  // namespace neurocuda::testing
