#include <gtest/gtest.h>

#include "neurocuda/base/error.hpp"
#include "neurocuda/data/dataset.hpp"
#include "support/expect_error.hpp"
#include "unit/data/files.hpp"

namespace neurocuda::data {
namespace {

using testing::Bytes;
using testing::DataFolder;
using testing::expect_error;

/// One record: coarse label, fine label, pixels that count from the fine label.
void append_record(Bytes& bytes, int coarse, int fine) {
  bytes.push_back(static_cast<std::uint8_t>(coarse));
  bytes.push_back(static_cast<std::uint8_t>(fine));
  for (int p = 0; p < 3072; ++p) bytes.push_back(static_cast<std::uint8_t>(fine + p));
}

void write_cifar100(const DataFolder& folder, const std::string& prefix = "") {
  Bytes train, test;
  for (const int fine : {99, 0, 42}) append_record(train, 3, fine);
  append_record(test, 19, 7);
  folder.write(prefix + "train.bin", train);
  folder.write(prefix + "test.bin", test);
}

TEST(Cifar100, LoadsFineLabelsFromTheFolderOrTheOneInside) {
  for (const std::string prefix : {"", "cifar-100-binary/"}) {
    const DataFolder folder;
    write_cifar100(folder, prefix);
    const Splits splits = load(folder.path().string());
    EXPECT_EQ(splits.train.name, "CIFAR-100 train");
    EXPECT_EQ(splits.train.labels, (std::vector<Label>{99, 0, 42}));
    EXPECT_EQ(splits.test.labels, (std::vector<Label>{7}));
    EXPECT_EQ(splits.test.classes, 100);
    EXPECT_EQ(splits.train.images.shape(), (Shape{3, 3, 32, 32}));
    EXPECT_EQ(splits.train.images[2 * 3072 + 5], 47);
    EXPECT_TRUE(splits.train.class_names.empty());
    EXPECT_EQ(splits.train.mean.size(), 3U);
  }
}

TEST(Cifar100, NamesItsClassesWhereTheFileIsThere) {
  const DataFolder folder;
  write_cifar100(folder);
  std::string names;
  for (int i = 0; i < 100; ++i) names += "class" + std::to_string(i) + "\r\n";
  folder.write("fine_label_names.txt", names);
  EXPECT_EQ(load(folder.path().string(), Split::test).class_names.at(42), "class42");
  folder.write("fine_label_names.txt", std::string("only one\n"));
  EXPECT_TRUE(load(folder.path().string(), Split::test).class_names.empty());
}

TEST(Cifar100, ErrorsNameTheFile) {
  const DataFolder folder;
  write_cifar100(folder);
  Bytes bad;
  append_record(bad, 3, 100);
  folder.write("train.bin", bad);
  const auto loading = [&] { load(folder.path().string()); };
  expect_error<UserError>(loading, {"train.bin", "record 0", "label 100", "0..99"});
  bad.pop_back();
  folder.write("train.bin", bad);
  expect_error<UserError>(loading, {"train.bin", "truncated"});
  std::filesystem::remove(folder.path() / "test.bin");
  expect_error<UserError>(loading, {"test.bin", "no such file", "cifar-100-binary.tar.gz"});
}

TEST(Cifar, PicklesAreRefusedWithTheRemedy) {
  for (const std::string prefix : {"", "cifar-100-python/"}) {
    const DataFolder folder;
    for (const char* name : {"train", "test", "meta"}) folder.write(prefix + name, std::string("\x80\x02}"));
    expect_error<UserError>([&] { load(folder.path().string()); }, {"pickles", "cifar-100-binary.tar.gz"});
  }
  for (const std::string prefix : {"", "cifar-10-batches-py/"}) {
    const DataFolder folder;
    for (const char* name : {"data_batch_1", "test_batch"}) folder.write(prefix + name, std::string("\x80\x02}"));
    expect_error<UserError>([&] { load(folder.path().string()); }, {"pickles", "cifar-10-binary.tar.gz"});
  }
}

}  // namespace
}  // namespace neurocuda::data
