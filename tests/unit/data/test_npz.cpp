#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "neurocuda/base/error.hpp"
#include "neurocuda/data/dataset.hpp"
#include "neurocuda/data/loader.hpp"
#include "support/expect_error.hpp"
#include "support/image_bytes.hpp"
#include "unit/data/files.hpp"

namespace neurocuda::data {
namespace {

using testing::Bytes;
using testing::DataFolder;
using testing::expect_error;
using testing::npy_bytes;

Bytes counting(int count) {
  Bytes bytes;
  for (int i = 0; i < count; ++i) bytes.push_back(static_cast<std::uint8_t>(i));
  return bytes;
}

Bytes float_bytes(const std::vector<float>& values) {
  Bytes bytes;
  for (const float value : values) {
    for (int shift = 0; shift < 32; shift += 8)
      bytes.push_back(static_cast<std::uint8_t>(std::bit_cast<std::uint32_t>(value) >> shift));
  }
  return bytes;
}

using Members = std::vector<std::pair<std::string, std::string>>;

/// A .npz file of these arrays, and what it holds.
class Npz {
 public:
  explicit Npz(const Members& members) : path_(folder_.write("some.npz", testing::zip_bytes(members)).string()) {}
  Dataset load(Split split, const LoadOptions& options = {}) const { return data::load(path_, split, options); }
  const std::string& path() const { return path_; }

 private:
  DataFolder folder_;
  std::string path_;
};

/// 0 and 1.
Bytes every_third(int count) {
  Bytes values;
  for (int i = 0; i < count; ++i) values.push_back(static_cast<std::uint8_t>(i % 3 == 0));
  return values;
}

std::string bytes_array(const std::string& shape, int count) { return npy_bytes("|u1", shape, counting(count)); }

TEST(Npz, EveryFifthImageIsTheTestPart) {
  const Npz file({{"x.npy", bytes_array("(7, 2, 3)", 42)}, {"y.npy", npy_bytes("|u1", "(7,)", {0, 1, 2, 3, 9, 5, 6})}});
  const Dataset train = file.load(Split::train), test = file.load(Split::test);
  EXPECT_EQ(train.name, "some train (all but every fifth)");
  EXPECT_EQ(test.name, "some test (every fifth)");
  EXPECT_EQ(test.labels, (std::vector<Label>{9}));
  EXPECT_EQ(train.labels, (std::vector<Label>{0, 1, 2, 3, 5, 6}));
  EXPECT_EQ(train.classes, 10);
  EXPECT_EQ(test.images, Tensor<std::uint8_t>({1, 1, 2, 3}, {24, 25, 26, 27, 28, 29}));
  EXPECT_EQ(test.mean, std::vector<float>{0.0F});
  EXPECT_EQ(test.stddev, std::vector<float>{1.0F});
  EXPECT_EQ(test.normalisation, Normalisation::assumed);
}

TEST(Npz, PartsHaveArraysOfTheirOwn) {
  const std::string labels = npy_bytes("<i8", "(1, 1)", {4, 0, 0, 0, 0, 0, 0, 0});
  const Npz keras({{"x_train.npy", bytes_array("(2, 4)", 8)},
                   {"y_train.npy", npy_bytes(">i2", "(2,)", {0, 0, 1, 2})},
                   {"x_test.npy", bytes_array("(1, 4)", 4)},
                   {"y_test.npy", labels}});
  EXPECT_EQ(keras.load(Split::train).labels, (std::vector<Label>{0, 258}));
  EXPECT_EQ(keras.load(Split::test).classes, 259);
  EXPECT_EQ(keras.load(Split::train).image_shape(), (Shape{4, 1, 1}));
  const Npz medmnist({{"train_images.npy", bytes_array("(2, 4)", 8)},
                      {"test_images.npy", bytes_array("(1, 4)", 4)},
                      {"train_labels.npy", npy_bytes("|u1", "(2,)", {0, 1})},
                      {"test_labels.npy", labels}});
  EXPECT_EQ(medmnist.load(Split::test).labels, (std::vector<Label>{4}));
}

TEST(Npz, FloatsAreInputsAsTheyAre) {
  const Npz file({{"x_test.npy", npy_bytes("<f4", "(2, 3)", float_bytes({1, -2.5F, 3, 4, 5, 6}))}});
  const Dataset test = file.load(Split::test);
  EXPECT_TRUE(test.is_normalized());
  EXPECT_EQ(test.values, Tensor<float>({2, 3, 1, 1}, {1, -2.5F, 3, 4, 5, 6}));
  EXPECT_FALSE(test.labelled());
  EXPECT_EQ(test.classes, 0);
  LoadOptions options;
  options.mean = {1};
  options.stddev = {2, 4, 5};
  EXPECT_EQ(file.load(Split::test, options).values, Tensor<float>({2, 3, 1, 1}, {0, -0.875F, 0.4F, 1.5F, 1, 1}));
  options.resize = 4;
  expect_error<UserError>([&] { file.load(Split::test, options); }, {"some test", "floats", "8-bit"});
}

TEST(Npz, ChannelsMayStandLast) {
  const Npz file({{"x_test.npy", bytes_array("(1, 2, 2, 3)", 12)}});
  EXPECT_EQ(file.load(Split::test).images, Tensor<std::uint8_t>({1, 3, 2, 2}, {0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11}));
  // Three rows, columns or channels everywhere: it is what the usual order says.
  EXPECT_EQ(Npz({{"x_test.npy", bytes_array("(1, 3, 3, 3)", 27)}}).load(Split::test).images[5], 5);
}

TEST(Npz, TimeIsAnAxisOfItsOwn) {
  const Npz file({{"x.npy", npy_bytes("|u1", "(5, 4, 1, 2, 2)", every_third(80))},
                  {"y.npy", npy_bytes("|u1", "(5,)", counting(5))}});
  const Dataset train = file.load(Split::train);
  EXPECT_EQ(train.timesteps(), 4);
  EXPECT_EQ(train.image_shape(), (Shape{1, 2, 2}));
  EXPECT_EQ(train.size(), 4);
  EXPECT_EQ(head(train, 2).images.shape(), (Shape{2, 4, 1, 2, 2}));
  EXPECT_EQ(sample(train, 2, 0).timesteps(), 4);
  EXPECT_EQ(split(train, 0.5, 0).first.timesteps(), 4);
}

TEST(Npz, WithATimeAxisItHoldsSpikes) {
  const Npz file({{"x.npy", bytes_array("(5, 4, 1, 2, 2)", 80)}});
  expect_error<UserError>([&] { file.load(Split::train); }, {"some train", "image 0 holds 2 at element 2", "0 and 1"});
}

TEST(Npz, RefusesWhatIsNoData) {
  const auto refuses = [](const Members& members, const std::vector<std::string>& words) {
    const Npz file(members);
    expect_error<UserError>([&] { file.load(Split::test); }, words);
  };
  const auto x = [](const std::string& array) { return Members{{"x_test.npy", array}}; };
  refuses({{"a.npy", bytes_array("(2, 3)", 6)}}, {"some.npz", "holds a", "x and y"});
  refuses(x(npy_bytes("|O", "(1,)", {0x80, 2})), {"some.npz: x_test", "pickle", "float32"});
  refuses(x(npy_bytes("<f4", "(1, 1)", float_bytes({NAN}))), {"x_test", "nan", "finite"});
  refuses(x(npy_bytes("<f2", "(1, 1)", {0, 0})), {"x_test", "<f2"});
  refuses(x(npy_bytes("<i4", "(1, 1)", {0, 0, 0, 0})), {"x_test", "32 bits", "uint8"});
  refuses(x(npy_bytes("|u1", "(2, 3)", counting(5))), {"x_test", "cut off"});
  refuses(x(npy_bytes("|u1", "(2, 3)", counting(7))), {"x_test", "damaged"});
  refuses(x(npy_bytes("|u1", "(2, 3)", counting(6), "True")), {"x_test", "ascontiguousarray"});
  refuses(x(npy_bytes("|u1", "(6,)", counting(6))), {"x_test", "(6,)", "(N, F)"});
  refuses(x(npy_bytes("|u1", "(0, 3)", {})), {"x_test", "empty"});
  refuses(x(npy_bytes("<f8", "(99999999, 99999999)", {})), {"x_test", "(99999999, 99999999)", "smaller"});
  refuses({{"x.npy", bytes_array("(5, 3)", 15)}, {"y.npy", bytes_array("(4,)", 4)}}, {"y", "4 labels for 5 images"});
  refuses({{"x.npy", bytes_array("(5, 3)", 15)}, {"y.npy", bytes_array("(5, 2)", 10)}}, {"y", "(5, 2)", "argmax"});
  refuses({{"x.npy", bytes_array("(5, 3)", 15)}, {"y.npy", npy_bytes("|i1", "(5,)", {0, 255, 0, 0, 0})}},
          {"y", "label -1 of image 1"});
}

TEST(Npz, DamageIsNoticedByTheChecksum) {
  Bytes archive = testing::zip_bytes({{"x_test.npy", bytes_array("(2, 3)", 6)}});
  archive[30 + 10 + 128 + 3] ^= 1;  // a value: behind the member's header, its name and the array's header
  const DataFolder folder;
  const auto path = folder.write("bad.npz", archive);
  expect_error<UserError>([&] { load(path.string(), Split::test); }, {"bad.npz: x_test", "damaged"});
  archive.resize(60);
  folder.write("bad.npz", archive);
  expect_error<UserError>([&] { load(path.string(), Split::test); }, {"bad.npz", "numpy.savez"});
}

}  // namespace
}  // namespace neurocuda::data
