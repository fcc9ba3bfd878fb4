#include <gtest/gtest.h>

#include "nir/names.hpp"

namespace neurocuda::nir {
namespace {

TEST(SafeNames, MakesIdentifiers) {
  SafeNames names;
  EXPECT_EQ(names.claim("layer1.0.conv1"), "layer1_0_conv1");
  EXPECT_EQ(names.claim("/a b/"), "n_a_b_");
  EXPECT_EQ(names.claim("0"), "n0");
  EXPECT_EQ(names.claim(""), "n");
  EXPECT_EQ(names.claim("\u00e9"), "n__");
}

TEST(SafeNames, GivesEachNameOnce) {
  SafeNames names;
  EXPECT_EQ(names.claim("a.b"), "a_b");
  EXPECT_EQ(names.claim("a_b"), "a_b_2");
  EXPECT_EQ(names.claim("a_b_2"), "a_b_2_2");
  EXPECT_EQ(names.claim("a b"), "a_b_3");
}

TEST(SafeNames, AvoidsWhatReadersTrip) {
  SafeNames names;
  for (const char* reserved : {"type", "training", "forward", "items", "input", "output", "lambda", "half"}) {
    EXPECT_EQ(names.claim(reserved), std::string(reserved) + "_2");
  }
}

TEST(SafeNames, KeepsLongNamesShort) {
  SafeNames names;
  const std::string first = names.claim(std::string(5000, 'x'));
  const std::string second = names.claim(std::string(5000, 'x'));
  EXPECT_LT(first.size(), 200U);
  EXPECT_NE(first, second);
}

TEST(StorableText, IsUtf8WithoutZero) {
  EXPECT_TRUE(is_storable_text(""));
  EXPECT_TRUE(is_storable_text("conv \u00e9 \u6f22 \U0001F600"));
  EXPECT_FALSE(is_storable_text(std::string_view("a\0b", 3)));
  EXPECT_FALSE(is_storable_text("\xFF"));
  EXPECT_FALSE(is_storable_text("\x80"));
  EXPECT_FALSE(is_storable_text("\xC3"));
  EXPECT_FALSE(is_storable_text("\xC3("));
  EXPECT_FALSE(is_storable_text("\xC0\xAF")) << "overlong";
  EXPECT_FALSE(is_storable_text("\xED\xA0\x80")) << "surrogate";
  EXPECT_FALSE(is_storable_text("\xF4\x90\x80\x80")) << "beyond U+10FFFF";
}

}  // namespace
}  // namespace neurocuda::nir
