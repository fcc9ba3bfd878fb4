#include <gmock/gmock.h>

#include <limits>
#include <utility>

#include "neurocuda/program/encode.hpp"
#include "support/expect_error.hpp"
#include "unit/program/tiny_programs.hpp"

namespace neurocuda::program {
namespace {

using ::testing::ElementsAre;

EncodedInput encode_tensor(const Program& program, const Tensor<float>& images) {
  return encode(program, images.view());
}

/// Two features with the scales 0.5 and 2.
Program two_features() {
  Program program = tiny::one_neuron({1, 1}, 0, 2, 1, InputEncoding::constant_current);
  program.nodes[0].as<InputNode>()->scale = {0.5, 2.0};
  return program;
}

std::vector<int> codes(const Program& program, std::vector<float> values) {
  const auto rows = static_cast<std::int64_t>(values.size()) / 2;
  const EncodedInput encoded = encode_tensor(program, Tensor<float>({rows, 2}, std::move(values)));
  return {encoded.values().begin(), encoded.values().end()};
}

TEST(Encode, UsesTheScaleOfEachChannel) {
  EXPECT_THAT(codes(two_features(), {1.0F, 4.0F, -3.5F, -6.0F}), ElementsAre(2, 2, -7, -3));
}

TEST(Encode, RoundsTiesToEven) {
  EXPECT_THAT(codes(two_features(), {0.25F, 1.0F, 0.75F, 3.0F, 1.25F, 5.0F, -0.25F, -1.0F, -0.75F, -3.0F}),
              ElementsAre(0, 0, 2, 2, 2, 2, 0, 0, -2, -2));
}

TEST(Encode, ClipsToTheSymmetricRangeOfTheBits) {
  EXPECT_THAT(codes(two_features(), {1000.0F, -1e30F, 63.5F, -254.0F}), ElementsAre(127, -127, 127, -127));
  Program narrow = two_features();
  narrow.nodes[0].as<InputNode>()->bits = 4;
  EXPECT_THAT(codes(narrow, {1000.0F, -1000.0F}), ElementsAre(7, -7));
}

TEST(Encode, KeepsTheBatchAndTheChannelPlanesInPlace) {
  const Program program = tiny::every_kind();  // (2, 6, 6), scale 0.25
  Tensor<float> images({2, 2, 6, 6});
  for (std::int64_t i = 0; i < images.size(); ++i) images[i] = 0.25F * static_cast<float>(i % 100);
  const EncodedInput encoded = encode_tensor(program, images);
  EXPECT_EQ(encoded.shape(), images.shape());
  for (std::int64_t i = 0; i < images.size(); ++i) ASSERT_EQ(encoded[i], i % 100);
}

TEST(Encode, TakesAnEmptyBatch) {
  EXPECT_EQ(encode_tensor(two_features(), Tensor<float>({0, 2})).shape(), (Shape{0, 2}));
}

TEST(Encode, RefusesValuesThatAreNotFinite) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_THROW(codes(two_features(), {0.0F, infinity}), UserError);
  neurocuda::testing::expect_error<UserError>(
      [&] {
        codes(two_features(), {0.0F, 0.0F, 0.0F, nan});
      },
      {"image 1 of the batch holds the value nan at element 1"});
}

TEST(Encode, SpikeTrainsStayAsTheyAre) {
  Program program = tiny::one_neuron({1, 1}, 0, 2, 1);
  ASSERT_EQ(program.input().encoding, InputEncoding::spike_train);
  program.timesteps = 2;
  const Tensor<float> trains({2, 3, 2}, {0, 1, 1, 1, 1, 0, 1, 0, 0, 0, 1, 1});
  EXPECT_EQ(encode(program, trains.view(), 3), EncodedInput({2, 3, 2}, {0, 1, 1, 1, 1, 0, 1, 0, 0, 0, 1, 1}));
  EXPECT_EQ(encode(program, trains.view()), EncodedInput({2, 2, 2}, {0, 1, 1, 1, 1, 0, 0, 0}));
  EXPECT_EQ(encode(program, trains.view(), 1).shape(), (Shape{2, 1, 2}));
  using neurocuda::testing::expect_error;
  expect_error<UserError>([&] { encode(program, trains.view(), 4); }, {"4 timesteps", "have 3", "fewer"});
  Tensor<float> halves = trains;
  halves[7] = 0.5F;
  expect_error<UserError>([&] { encode(program, std::as_const(halves).view(), 3); },
                          {"spike train 1", "0.5 at element 1", "0 and 1"});
}

TEST(Encode, RefusesOtherShapesAndSpikeTrains) {
  const Program program = two_features();
  EXPECT_THROW(encode_tensor(program, Tensor<float>({1, 3})), UserError);
  EXPECT_THROW(encode_tensor(program, Tensor<float>({2})), UserError);
  EXPECT_THROW(encode_tensor(program, Tensor<float>({1, 1, 2})), UserError);
  EXPECT_THROW(encode_tensor(tiny::one_neuron({1, 1}, 0, 2, 1), Tensor<float>({1, 2})), UserError);
}

}  // namespace
}  // namespace neurocuda::program
