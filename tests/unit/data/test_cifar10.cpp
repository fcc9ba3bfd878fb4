#include <gtest/gtest.h>

#include <filesystem>

#include "neurocuda/base/error.hpp"
#include "neurocuda/data/dataset.hpp"
#include "neurocuda/data/parse.hpp"
#include "support/expect_error.hpp"
#include "unit/data/files.hpp"

namespace neurocuda::data {
namespace {

using testing::cifar_records;
using testing::DataFolder;
using testing::expect_error;
using testing::write_cifar10;

TEST(Cifar10, LoadsEveryFileInOrder) {
  const DataFolder folder;
  write_cifar10(folder);
  const Splits splits = load(folder.path().string());
  EXPECT_EQ(splits.train.name, "CIFAR-10 train");
  EXPECT_EQ(splits.test.name, "CIFAR-10 test");
  EXPECT_EQ(splits.train.images.shape(), (Shape{15, 3, 32, 32}));
  EXPECT_EQ(splits.test.image_shape(), (Shape{3, 32, 32}));
  EXPECT_EQ(splits.train.labels, (std::vector<Label>{0, 1, 2, 2, 3, 4, 3, 4, 5, 6, 4, 5, 6, 7, 8}));
  EXPECT_EQ(splits.test.labels, (std::vector<Label>{5, 6, 7, 8, 9, 0}));
  // Image 4 of the training split is record 1 of data_batch_3: (7 * 2 + 31 + position) % 256.
  EXPECT_EQ(splits.train.images[4 * 3072], 45);
  EXPECT_EQ(splits.train.images[4 * 3072 + 1024], (45 + 1024) % 256);
  EXPECT_EQ(splits.train.mean, (std::vector<float>{0.4914F, 0.4822F, 0.4465F}));
  EXPECT_EQ(splits.train.stddev, (std::vector<float>{0.2470F, 0.2435F, 0.2616F}));
}

TEST(Cifar10, LoadsOneSplitAlone) {
  const DataFolder folder;
  write_cifar10(folder);
  EXPECT_EQ(load(folder.path().string(), Split::train).size(), 15);
  std::filesystem::remove(folder.path() / "data_batch_2.bin");
  EXPECT_EQ(load(folder.path().string(), Split::test).size(), 6);
}

TEST(Cifar10, FindsTheOfficialFolderInItsParent) {
  const DataFolder folder;
  write_cifar10(folder, "cifar-10-batches-bin/");
  const Splits splits = load(folder.path().string());
  EXPECT_EQ(splits.test.size(), 6);
  EXPECT_EQ(splits.train.size(), 15);
}

TEST(Cifar10, NameFileReplacesTheName) {
  const DataFolder folder;
  write_cifar10(folder);
  folder.write("name.txt", std::string("CIFAR-10 (JPEG q75)\n"));
  EXPECT_EQ(load(folder.path().string(), Split::test).name, "CIFAR-10 (JPEG q75) test");
  for (const std::string& bad :
       {std::string("\n"), std::string(81, 'x'), std::string("two\nlines"), std::string("\x1b[1m")}) {
    folder.write("name.txt", bad);
    expect_error<UserError>([&] { load(folder.path().string(), Split::test); }, {"name.txt", "80"});
  }
}

TEST(Cifar10, MissingFileIsNamed) {
  const DataFolder folder;
  write_cifar10(folder);
  std::filesystem::remove(folder.path() / "data_batch_3.bin");
  expect_error<UserError>([&] { load(folder.path().string()); }, {"data_batch_3.bin", "no such file"});
  folder.write("data_batch_3", std::string("pickle"));
  expect_error<UserError>([&] { load(folder.path().string()); }, {"data_batch_3.bin", "binary version"});
}

TEST(Cifar10, TruncatedAndOversizedFilesAreRefused) {
  const DataFolder folder;
  write_cifar10(folder);
  auto bytes = cifar_records(6);
  bytes.pop_back();
  folder.write("test_batch.bin", bytes);
  expect_error<UserError>([&] { load(folder.path().string()); }, {"test_batch.bin", "truncated", "18437", "3073"});
  folder.write("test_batch.bin", testing::Bytes{});
  expect_error<UserError>([&] { load(folder.path().string()); }, {"test_batch.bin", "truncated", "0 bytes"});
  folder.write("test_batch.bin", testing::Bytes{});
  std::filesystem::resize_file(folder.path() / "test_batch.bin", 10'001 * 3073);
  expect_error<UserError>([&] { load(folder.path().string()); }, {"test_batch.bin", "larger", "30733073", "30730000"});
}

TEST(Cifar10, LabelAboveNineIsNamedWithItsRecord) {
  const DataFolder folder;
  write_cifar10(folder);
  auto bytes = cifar_records(6);
  bytes[4 * 3073] = 10;
  folder.write("data_batch_5.bin", bytes);
  expect_error<UserError>([&] { load(folder.path().string()); }, {"data_batch_5.bin", "record 4", "label 10"});
}

TEST(ParseCifar10, RefusesMoreRecordsThanAFileHas) {
  const testing::Bytes bytes(10'001 * 3073);
  CifarRecords records;
  expect_error<UserError>([&] { parse_cifar10(bytes, "big.bin", records); }, {"big.bin", "oversized", "30730000"});
}

}  // namespace
}  // namespace neurocuda::data
