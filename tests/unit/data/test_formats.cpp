#include <gtest/gtest.h>

#include "data/formats.hpp"
#include "neurocuda/base/error.hpp"
#include "neurocuda/data/dataset.hpp"
#include "support/expect_error.hpp"
#include "unit/data/files.hpp"

namespace neurocuda::data {
namespace {

using testing::DataFolder;
using testing::expect_error;

TEST(Load, KnowsTheBundledDigits) { EXPECT_EQ(load("digits").test.size(), 359); }

TEST(Load, TellsTheKindOfAFolder) {
  const DataFolder folder;
  testing::write_cifar10(folder);
  EXPECT_EQ(load(folder.path().string()).test.name, "CIFAR-10 test");
}

TEST(Load, RefusesWhatIsNoDataSet) {
  const DataFolder folder;
  const auto file = folder.write("notes.txt", std::string("x"));
  expect_error<UserError>([&] { load(folder.path().string()); }, {folder.path().string(), "no data set of a known kind",
                                                                  "data_batch_1.bin", "t10k", "'digits'"});
  expect_error<UserError>([&] { load(file.string()); }, {"notes.txt", "is a file"});
  expect_error<UserError>([] { load("/no/such/folder"); }, {"/no/such/folder", "no such folder"});
  expect_error<UserError>([] { load(""); }, {"no such folder"});
}

TEST(Load, AnEmptyOfficialFolderIsCifar10WithAMissingFile) {
  const DataFolder folder;
  std::filesystem::create_directory(folder.path() / "cifar-10-batches-bin");
  expect_error<UserError>([&] { load(folder.path().string()); },
                          {"cifar-10-batches-bin/test_batch.bin", "no such file"});
}

TEST(Load, ReadsTheSplitThatIsNamedAndNoOther) {
  EXPECT_EQ(load("digits", Split::train).size(), 1438);
  EXPECT_EQ(load("digits", Split::test).size(), 359);
  EXPECT_EQ(load("digits").train.name, load("digits", Split::train).name);
}

TEST(Formats, AreAllDescribed) {
  EXPECT_EQ(
      describe_formats(),
      "'digits', a .npz file of numpy, a folder of MNIST's idx files, a folder of EMNIST's idx files, a folder of "
      "CIFAR-10's binary files, a folder of CIFAR-100's binary files or a folder of PNG or JPEG images, one "
      "sub-folder per class");
  for (const Format* format : formats()) {
    EXPECT_NE(describe_formats().find(format->description), std::string::npos) << format->description;
  }
}

TEST(Formats, RecogniseNothingInAnEmptyFolder) {
  const DataFolder folder;
  for (const Format* format : formats()) EXPECT_FALSE(format->recognises(folder.path())) << format->description;
}

}  // namespace
}  // namespace neurocuda::data
