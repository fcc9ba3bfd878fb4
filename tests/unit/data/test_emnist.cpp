#include <gtest/gtest.h>

#include "neurocuda/base/error.hpp"
#include "neurocuda/data/dataset.hpp"
#include "support/expect_error.hpp"
#include "unit/data/files.hpp"

namespace neurocuda::data {
namespace {

using testing::DataFolder;
using testing::expect_error;
using testing::idx;

void write_emnist(const DataFolder& folder, const std::string& variant, std::uint8_t label) {
  for (const std::string part : {"train", "test"}) {
    folder.write("emnist-" + variant + "-" + part + "-images-idx3-ubyte", idx({1, 2, 3}, {1, 2, 3, 4, 5, 6}));
    folder.write("emnist-" + variant + "-" + part + "-labels-idx1-ubyte", idx({1}, {label}));
  }
}

TEST(Emnist, TurnsItsImagesUpright) {
  const DataFolder folder;
  write_emnist(folder, "balanced", 46);
  const Splits splits = load(folder.path().string());
  EXPECT_EQ(splits.train.name, "EMNIST balanced train");
  EXPECT_EQ(splits.test.name, "EMNIST balanced test");
  EXPECT_EQ(splits.test.classes, 47);
  EXPECT_EQ(splits.test.labels, (std::vector<Label>{46}));
  EXPECT_EQ(splits.test.images, Tensor<std::uint8_t>({1, 1, 3, 2}, {1, 4, 2, 5, 3, 6}));
}

TEST(Emnist, LettersCountFromOne) {
  const DataFolder folder;
  write_emnist(folder, "letters", 26);
  const Dataset test = load(folder.path().string(), Split::test);
  EXPECT_EQ(test.labels, (std::vector<Label>{25}));
  EXPECT_EQ(test.classes, 26);
  folder.write("emnist-letters-test-labels-idx1-ubyte", idx({1}, {0}));
  expect_error<UserError>([&] { load(folder.path().string(), Split::test); },
                          {"emnist-letters-test-labels", "label 0", "1..26"});
}

TEST(Emnist, OneOfSeveralVariantsIsNamed) {
  const DataFolder folder;
  write_emnist(folder, "letters", 3);
  write_emnist(folder, "byclass", 61);
  expect_error<UserError>([&] { load(folder.path().string()); }, {"several", "emnist-letters", "emnist-byclass"});
  EXPECT_EQ(load((folder.path() / "emnist-byclass").string()).train.classes, 62);
}

TEST(Emnist, TakesClassNamesFromTheMapping) {
  const DataFolder folder;
  write_emnist(folder, "digits", 3);
  folder.write("emnist-digits-mapping.txt",
               std::string("0 48\n1 49\n2 50\n3 51\n4 52\n5 53\n6 54\n7 55\n8 56\n9 57\n"));
  EXPECT_EQ(load(folder.path().string(), Split::test).class_names.at(3), "3");
  folder.write("emnist-digits-mapping.txt", std::string("0 48\n"));
  EXPECT_TRUE(load(folder.path().string(), Split::test).class_names.empty());
}

TEST(Emnist, ErrorsNameTheFile) {
  const DataFolder folder;
  write_emnist(folder, "balanced", 47);
  const auto loading = [&] { load(folder.path().string(), Split::train); };
  expect_error<UserError>(loading, {"emnist-balanced-train-labels", "label 47", "0..46"});
  std::filesystem::remove(folder.path() / "emnist-balanced-train-images-idx3-ubyte");
  expect_error<UserError>(loading, {"emnist-balanced-train-images-idx3-ubyte", "no such file"});
  folder.write("emnist-balanced-train-images-idx3-ubyte.gz", std::string("x"));
  expect_error<UserError>(loading, {"gunzip"});
}

}  // namespace
}  // namespace neurocuda::data
