#include <gtest/gtest.h>

#include <algorithm>

#include "neurocuda/base/error.hpp"
#include "neurocuda/base/hash.hpp"
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

Bytes grey_png(int height, int width, std::uint8_t first = 0) {
  Bytes pixels;
  for (int i = 0; i < height * width; ++i) pixels.push_back(static_cast<std::uint8_t>(first + i));
  return testing::png_bytes(height, width, 1, pixels);
}

Bytes color_png(int height, int width) {
  Bytes pixels;
  for (int i = 0; i < height * width * 3; ++i) pixels.push_back(static_cast<std::uint8_t>(10 * i));
  return testing::png_bytes(height, width, 3, pixels);
}

void write_parts(const DataFolder& folder, const std::string& test = "test") {
  for (const std::string& part : {std::string("train"), test}) {
    folder.write(part + "/dog/b.png", grey_png(2, 3, 10));
    folder.write(part + "/dog/deep/er/a.PNG", grey_png(2, 3, 20));
    folder.write(part + "/cat/z.png", grey_png(2, 3, 30));
    folder.write(part + "/cat/.hidden.png", std::string("no image"));
    folder.write(part + "/cat/notes.txt", std::string("no image"));
  }
}

TEST(ImageFolder, SortedFoldersAreTheClasses) {
  const DataFolder folder;
  write_parts(folder);
  folder.write("name.txt", std::string("pets\n"));
  const Splits splits = load(folder.path().string());
  EXPECT_EQ(splits.train.name, "pets train");
  EXPECT_EQ(splits.test.name, "pets test");
  EXPECT_EQ(splits.train.class_names, (std::vector<std::string>{"cat", "dog"}));
  EXPECT_EQ(splits.train.classes, 2);
  EXPECT_EQ(splits.train.labels, (std::vector<Label>{0, 1, 1}));
  EXPECT_EQ(splits.train.images.shape(), (Shape{3, 1, 2, 3}));
  EXPECT_EQ(splits.train.images[0], 30);
  EXPECT_EQ(splits.train.images[6], 10);   // dog/b.png
  EXPECT_EQ(splits.train.images[12], 20);  // dog/deep/er/a.PNG
}

TEST(ImageFolder, IsNamedAfterItself) {
  const DataFolder folder;
  write_parts(folder, "val");
  const std::string path = folder.path().string(), name = folder.path().filename().string();
  EXPECT_EQ(load(path + "/", Split::test).name, name + " val as test");
  EXPECT_EQ(load(path, Split::train).name, name + " train");
}

TEST(ImageFolder, WithoutPartsTheNamesDecide) {
  const DataFolder folder;
  for (int i = 0; i < 100; ++i)
    folder.write("class" + std::to_string(i % 2) + "/" + std::to_string(i) + ".png",
                 grey_png(1, 1, static_cast<std::uint8_t>(i)));
  const Splits before = load(folder.path().string());
  EXPECT_EQ(before.train.size() + before.test.size(), 100);
  EXPECT_GT(before.test.size(), 8);
  EXPECT_LT(before.test.size(), 34);
  EXPECT_TRUE(before.test.name.ends_with("test (a fifth by name)"));
  // What is in the test part stays there when others come.
  folder.write("class0/another.png", grey_png(1, 1));
  const Splits after = load(folder.path().string());
  std::vector<std::uint8_t> kept;
  for (const std::uint8_t pixel : after.test.images.values()) kept.push_back(pixel);
  for (const std::uint8_t pixel : before.test.images.values())
    EXPECT_NE(std::ranges::find(kept, pixel), kept.end()) << int{pixel};
}

TEST(ImageFolder, WithoutClassesThereAreNoLabels) {
  const DataFolder folder;
  for (int i = 0; i < 20; ++i) folder.write(std::to_string(i) + ".png", grey_png(2, 2, static_cast<std::uint8_t>(i)));
  const Dataset train = load(folder.path().string(), Split::train);
  EXPECT_FALSE(train.labelled());
  EXPECT_EQ(train.classes, 0);
  EXPECT_GT(train.size(), 5);
  EXPECT_EQ(head(train, 3).size(), 3);
  const auto [kept, held_out] = split(train, 0.25, 1);
  EXPECT_EQ(kept.size() + held_out.size(), train.size());
  EXPECT_GT(held_out.size(), 0);
}

TEST(ImageFolder, ChannelsAreTheNetworksOrColorWhereAnyFileIs) {
  const DataFolder folder;
  folder.write("train/a/1.png", grey_png(2, 2, 7));
  folder.write("train/a/2.png", color_png(2, 2));
  folder.write("test/a/1.png", color_png(2, 2));
  const std::string path = folder.path().string();
  EXPECT_EQ(load(path, Split::train).images.shape(), (Shape{2, 3, 2, 2}));
  LoadOptions grey;
  grey.expected = {1, 2, 2};
  const Dataset dataset = load(path, Split::train, grey);
  EXPECT_EQ(dataset.images.shape(), (Shape{2, 1, 2, 2}));
  EXPECT_EQ(dataset.images[0], 7);
  EXPECT_EQ(dataset.images[4], (0 * 19595 + 10 * 38470 + 20 * 7471 + 32768) >> 16);
  EXPECT_TRUE(dataset.notices.empty());  // the first is grey
  const Dataset test = load(path, Split::test, grey);
  ASSERT_EQ(test.notices.size(), 1U);
  EXPECT_NE(test.notices[0].find("in grey"), std::string::npos);
}

TEST(ImageFolder, FewImagesMayAllBeForTraining) {
  const DataFolder folder;
  // By their hashes: 1.png is of the four fifths.
  folder.write("a/1.png", grey_png(2, 2));
  EXPECT_EQ(load(folder.path().string(), Split::train).size(), 1);
  expect_error<UserError>([&] { load(folder.path().string(), Split::test); }, {"for training", "train and test"});
}

TEST(ImageFolder, TheNetworksSizeIsTakenAndSaid) {
  const DataFolder folder;
  folder.write("train/a/1.png", grey_png(8, 16));
  folder.write("train/a/2.png", grey_png(12, 4));
  const std::string path = folder.path().string();
  folder.write("test/a/1.png", grey_png(8, 16));
  expect_error<UserError>([&] { load(path, Split::train); }, {".png", "resize and crop"});
  LoadOptions options;
  options.expected = {1, 4, 4};
  const Dataset fitted = load(path, Split::train, options);
  EXPECT_EQ(fitted.image_shape(), (Shape{1, 4, 4}));
  ASSERT_EQ(fitted.notices.size(), 1U);
  EXPECT_NE(fitted.notices[0].find("4x4"), std::string::npos);
  options.resize = 6;
  options.crop = {4, 4};
  EXPECT_TRUE(load(path, Split::train, options).notices.empty());
  options.resize = 0;
  options.crop = {9, 4};
  expect_error<UserError>([&] { load(path, Split::train, options); }, {"1.png", "8x16", "crop of 9x4"});
}

TEST(ImageFolder, LargeSetsStayFiles) {
  const DataFolder folder;
  for (int i = 0; i < 30; ++i)
    folder.write("train/c" + std::to_string(i % 3) + "/" + std::to_string(i) + ".png",
                 grey_png(6, 6, static_cast<std::uint8_t>(i)));
  folder.write("train/c0/zz.png", std::string("\x89PNG\r\n\x1a\ndamaged"));
  folder.write("test/c0/1.png", grey_png(6, 6));
  LoadOptions files;
  files.most_decoded_bytes = 0;
  files.expected = {1, 6, 6};
  // The damaged file shows that nothing is decoded to load the set, or to choose images of it.
  const Dataset whole = load(folder.path().string(), Split::train, files);
  ASSERT_TRUE(whole.source);
  EXPECT_TRUE(whole.images.empty());
  EXPECT_EQ(whole.size(), 31);
  EXPECT_EQ(whole.image_shape(), (Shape{1, 6, 6}));
  expect_error<UserError>([&] { normalized(whole, 0, 31, {}, {}); }, {"zz.png", "damaged"});
  std::filesystem::remove(folder.path() / "train/c0/zz.png");

  const Dataset lazy = load(folder.path().string(), Split::train, files);
  const Dataset eager = load(folder.path().string(), Split::train);
  EXPECT_FALSE(eager.source);
  const auto [kept, held_out] = split(sample(lazy, 20, 3), 0.3, 4);
  const auto [kept_eager, held_out_eager] = split(sample(eager, 20, 3), 0.3, 4);
  EXPECT_EQ(kept.labels, kept_eager.labels);
  EXPECT_EQ(normalized(kept, 0, kept.size(), {0.5F}, {0.25F}), normalized(kept_eager, 0, kept.size(), {0.5F}, {0.25F}));

  LoaderOptions options;
  options.batch_size = 8;
  options.shuffle = true;
  options.threads = 4;
  options.augmentation = {2, true, 2};
  Loader a(kept, options), b(kept_eager, options);
  for (Batch one, other; a.next(one);) {
    ASSERT_TRUE(b.next(other));
    EXPECT_EQ(one.images, other.images);
    EXPECT_EQ(one.labels, other.labels);
  }
}

TEST(ImageFolder, FilesAreToldApartWithoutDecoding) {
  const DataFolder folder;
  folder.write("train/a/1.png", grey_png(6, 6));
  folder.write("train/a/2.png", grey_png(6, 6));
  folder.write("test/a/1.png", grey_png(6, 6));
  LoadOptions files;
  files.most_decoded_bytes = 0;
  const auto identity = [&](std::int64_t image) {
    Hash hash;
    load(folder.path().string(), Split::train, files).source->identify(image, hash);
    return hash.value();
  };
  const auto first = identity(0);
  EXPECT_EQ(first, identity(0));
  EXPECT_NE(first, identity(1));
  folder.write("train/a/1.png", testing::png_bytes(6, 6, 3, Bytes(108, 9)));
  EXPECT_NE(first, identity(0));
}

TEST(ImageFolder, MistakesAreNamed) {
  const DataFolder folder;
  write_parts(folder);
  const std::string path = folder.path().string();
  folder.write("test/fox/1.png", grey_png(2, 3));
  expect_error<UserError>([&] { load(path, Split::test); }, {"test/fox", "training part does not have"});
  std::filesystem::remove_all(folder.path() / "test/fox");
  const auto loose = folder.write("test/loose.png", grey_png(2, 3));
  expect_error<UserError>([&] { load(path, Split::test); }, {"loose.png", "folders of classes"});
  std::filesystem::remove(loose);
  folder.write("train/cat/z.png", grey_png(3, 3));
  expect_error<UserError>([&] { load(path, Split::train); }, {"resize and crop"});
  folder.write("train/cat/z.png", std::string("GIF89a"));
  expect_error<UserError>([&] { load(path, Split::train); }, {"z.png", "neither a PNG nor a JPEG"});
  std::filesystem::remove_all(folder.path() / "train");
  expect_error<UserError>([&] { load(path, Split::train); }, {"no train"});
}

}  // namespace
}  // namespace neurocuda::data
