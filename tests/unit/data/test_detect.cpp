#include <gtest/gtest.h>

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
  expect_error<UserError>([&] { load(folder.path().string()); },
                          {folder.path().string(), "neither", "CIFAR-10", "MNIST"});
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

}  // namespace
}  // namespace neurocuda::data
