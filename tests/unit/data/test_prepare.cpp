#include <gtest/gtest.h>

#include "data/prepare.hpp"
#include "neurocuda/base/error.hpp"
#include "neurocuda/data/resize.hpp"
#include "support/expect_error.hpp"

namespace neurocuda::data {
namespace {

using testing::expect_error;

Dataset pixels() {
  Dataset dataset;
  dataset.name = "some";
  dataset.images = Tensor<std::uint8_t>({2, 3, 4, 6});
  for (std::int64_t i = 0; i < dataset.images.size(); ++i) dataset.images[i] = static_cast<std::uint8_t>(7 * i);
  dataset.labels = {0, 1};
  dataset.classes = 2;
  return dataset;
}

TEST(Prepared, ArraysAreResizedOnlyWhenAsked) {
  LoadOptions options;
  options.expected = {3, 2, 2};
  EXPECT_EQ(prepared(pixels(), options).image_shape(), (Shape{3, 4, 6}));
  options.expected = {};
  options.resize = 2;
  options.crop = {2, 2};
  const Dataset small = prepared(pixels(), options);
  EXPECT_EQ(small.images.shape(), (Shape{2, 3, 2, 2}));
  const auto whole = pixels();
  const auto second = resized(whole.images.values().subspan(72), {3, 4, 6}, {3, 2, 3});
  const auto cut = center_cropped(second, {3, 2, 3}, {3, 2, 2});
  EXPECT_TRUE(std::equal(cut.begin(), cut.end(), small.images.data() + 12));
}

TEST(Prepared, FramesAreResizedLikeImages) {
  Dataset frames = pixels();
  frames.images = Tensor<std::uint8_t>({2, 3, 1, 4, 6}, std::vector<std::uint8_t>(144, 9));
  LoadOptions options;
  options.resize = 2;
  EXPECT_EQ(prepared(frames, options).images.shape(), (Shape{2, 3, 1, 2, 3}));
}

TEST(Prepared, OneValueStandsForEveryChannel) {
  LoadOptions options;
  options.mean = {0.5F};
  options.stddev = {0.25F, 0.5F, 1};
  const Dataset dataset = prepared(pixels(), options);
  EXPECT_EQ(dataset.mean, (std::vector<float>{0.5F, 0.5F, 0.5F}));
  EXPECT_EQ(dataset.stddev, options.stddev);
  EXPECT_EQ(dataset.normalisation, Normalisation::given);
}

TEST(Prepared, RefusesAHalfOrUnfittingNormalisation) {
  LoadOptions options;
  options.mean = {0.5F};
  expect_error<UserError>([&] { prepared(pixels(), options); }, {"some", "mean without a stddev"});
  options.stddev = {0.0F};
  expect_error<UserError>([&] { prepared(pixels(), options); }, {"standard deviation 0"});
  options.stddev = {1, 1};
  expect_error<UserError>([&] { prepared(pixels(), options); }, {"2 standard deviations", "3 channels"});
}

TEST(Prepared, SidesMustBeReasonable) {
  LoadOptions options;
  options.resize = 1 << 20;
  expect_error<UserError>([&] { prepared(pixels(), options); }, {"resize 1048576"});
  options.resize = 0;
  options.crop = {0, 3};
  expect_error<UserError>([&] { prepared(pixels(), options); }, {"crop"});
}

TEST(NormalisationNotice, SaysWhatIsAssumedAndByWhom) {
  Dataset dataset = prepared(pixels(), {});
  const auto says = [&](const std::string& model, bool states_own, const std::string& words) {
    const std::string notice = normalisation_notice(dataset, model, states_own);
    EXPECT_EQ(notice.empty(), words.empty()) << notice;
    EXPECT_NE(notice.find(words), std::string::npos) << notice;
  };
  says("a.onnx", false, "pixel / 255 (mean 0, stddev 1), as a.onnx states no others");
  says("", false, "no mean and stddev were given");
  says("a.onnx", true, "");
  dataset.normalisation = Normalisation::format;
  says("a.onnx", false, "a.onnx: states no mean and stddev; those of some, (0, 0, 0) and (1, 1, 1), are assumed");
  says("", false, "");
  dataset.normalisation = Normalisation::given;
  says("a.onnx", false, "");
  expect_error<UserError>([&] { normalisation_notice(dataset, "a.onnx", true); }, {"a.onnx", "its own mean"});
  dataset = from_values("floats", Tensor<float>({1, 1, 1, 1}), {}, 0);
  says("a.onnx", true, "taken as they are");
  says("a.onnx", false, "");
}

}  // namespace
}  // namespace neurocuda::data
