#include <gtest/gtest.h>

#include <filesystem>
#include <numeric>

#include "neurocuda/base/error.hpp"
#include "neurocuda/data/dataset.hpp"
#include "neurocuda/data/parse.hpp"
#include "support/expect_error.hpp"
#include "unit/data/files.hpp"

namespace neurocuda::data {
namespace {

using testing::Bytes;
using testing::DataFolder;
using testing::expect_error;
using testing::idx;

Bytes counting(std::size_t count) {
  Bytes values(count);
  std::iota(values.begin(), values.end(), std::uint8_t{0});
  return values;
}

void write_mnist(const DataFolder& folder) {
  folder.write("train-images-idx3-ubyte", idx({3, 4, 5}, counting(60)));
  folder.write("train-labels-idx1-ubyte", idx({3}, {1, 9, 0}));
  folder.write("t10k-images.idx3-ubyte", idx({2, 4, 5}, counting(40)));
  folder.write("t10k-labels.idx1-ubyte", idx({2}, {7, 2}));
}

TEST(Mnist, LoadsBothSplitsUnderEitherSpelling) {
  const DataFolder folder;
  write_mnist(folder);
  const Splits splits = load(folder.path().string());
  EXPECT_EQ(splits.train.name, "MNIST train");
  EXPECT_EQ(splits.test.name, "MNIST test");
  EXPECT_EQ(splits.train.images.shape(), (Shape{3, 1, 4, 5}));
  EXPECT_EQ(splits.train.labels, (std::vector<Label>{1, 9, 0}));
  EXPECT_EQ(splits.test.labels, (std::vector<Label>{7, 2}));
  EXPECT_EQ(splits.train.images[59], 59);
  EXPECT_EQ(splits.test.mean, std::vector<float>{0.1307F});
  EXPECT_EQ(splits.test.stddev, std::vector<float>{0.3081F});
  std::filesystem::remove(folder.path() / "train-images-idx3-ubyte");
  EXPECT_EQ(load(folder.path().string(), Split::test).size(), 2);
}

TEST(Mnist, BothPartsSayHowManyClassesThereAre) {
  const DataFolder folder;
  write_mnist(folder);
  EXPECT_EQ(load(folder.path().string()).test.classes, 10);
  folder.write("train-labels-idx1-ubyte", idx({3}, {1, 46, 0}));
  EXPECT_EQ(load(folder.path().string(), Split::train).classes, 47);
  EXPECT_EQ(load(folder.path().string(), Split::test).classes, 47);
}

TEST(Mnist, ErrorsNameTheFile) {
  const DataFolder folder;
  write_mnist(folder);
  std::filesystem::remove(folder.path() / "train-images-idx3-ubyte");
  expect_error<UserError>([&] { load(folder.path().string()); }, {"train-images-idx3-ubyte", "no such file"});
  folder.write("train-images-idx3-ubyte.gz", std::string("x"));
  expect_error<UserError>([&] { load(folder.path().string()); }, {"train-images-idx3-ubyte", "gunzip"});
}

TEST(LoadIdx, NamesTheSetAfterItsFileAndCountsClasses) {
  const DataFolder folder;
  const auto images = folder.write("letters-images", idx({2, 2, 2}, counting(8)));
  const auto labels = folder.write("letters-labels", idx({2}, {3, 46}));
  const Dataset dataset = load_idx(images, labels);
  EXPECT_EQ(dataset.name, "letters-images");
  EXPECT_EQ(dataset.classes, 47);
}

TEST(LoadIdx, RefusesFilesThatDoNotBelongTogether) {
  const DataFolder folder;
  const auto images = folder.write("images", idx({2, 2, 2}, counting(8)));
  const auto labels = folder.write("labels", idx({3}, {1, 2, 3}));
  expect_error<UserError>([&] { load_idx(images, labels); }, {"labels", "3 labels", "2 images"});
  expect_error<UserError>([&] { load_idx(labels, labels); }, {"labels", "(3,)", "images file"});
  expect_error<UserError>([&] { load_idx(images, images); }, {"(2, 2, 2)", "labels file"});
}

TEST(ParseIdx, ReadsShapeAndValues) {
  const Bytes bytes = idx({2, 3}, {1, 2, 3, 4, 5, 6});
  const Idx parsed = parse_idx(bytes, "x");
  EXPECT_EQ(parsed.shape, (Shape{2, 3}));
  EXPECT_EQ(Bytes(parsed.values.begin(), parsed.values.end()), (Bytes{1, 2, 3, 4, 5, 6}));
}

TEST(ParseIdx, RefusesMalformedBytes) {
  const auto refuses = [](const Bytes& bytes, const std::string& what) {
    expect_error<UserError>([&] { parse_idx(bytes, "file"); }, {"file", what});
  };
  refuses({}, "not an idx file");
  refuses({0x1F, 0x8B, 8, 0}, "not an idx file");
  refuses({0, 0, 0x0D, 1, 0, 0, 0, 1, 0, 0, 0, 0}, "not an idx file");  // float
  refuses({0, 0, 8, 0}, "0 axes");
  refuses({0, 0, 8, 200}, "200 axes");
  refuses({0, 0, 8, 3, 0, 0, 0, 1}, "truncated");
  refuses(idx({2, 2}, {1, 2, 3}), "truncated");
  refuses(idx({2, 2}, {1, 2, 3, 4, 5}), "(2, 2)");
  refuses(idx({0, 2}, {}), "empty");
  // The product of these extents is 2^96: it must not wrap around to what is present.
  refuses(idx({0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF}, {1, 2, 3, 4}), "4 bytes");
}

}  // namespace
}  // namespace neurocuda::data
