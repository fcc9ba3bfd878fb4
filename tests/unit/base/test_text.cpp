#include <gtest/gtest.h>

#include <string>

#include "neurocuda/base/text.hpp"

namespace neurocuda {
namespace {

TEST(Printable, LeavesWhatCanBeRead) {
  for (const char* text : {"", "layer1.0.conv1", "größer \u00a0 層 \U0001F600", "a\\b"})
    EXPECT_EQ(printable(text), text);
}

TEST(Printable, EscapesWhatATerminalObeys) {
  EXPECT_EQ(printable("\x1b]0;title\x07 \x1b[2J"), "\\x1b]0;title\\x07 \\x1b[2J");
  EXPECT_EQ(printable("a\nb\tc\rd\x7f\b"), "a\\nb\\tc\\rd\\x7f\\x08");
  EXPECT_EQ(printable(std::string_view("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(printable("\u009b31m\u0085"), "\\u009b31m\\u0085");
}

TEST(Printable, EscapesWhatTurnsTheDirection) {
  EXPECT_EQ(printable("gpj\u202eexe"), "gpj\\u202eexe");
  EXPECT_EQ(printable("\u2066\u2069\u200e\u200f\u061c\u2028"), "\\u2066\\u2069\\u200e\\u200f\\u061c\\u2028");
}

TEST(Printable, EscapesBytesThatAreNoUtf8) {
  EXPECT_EQ(printable("\x9b"
                      "31m"),
            "\\x9b31m")
      << "C1 as one byte";
  EXPECT_EQ(printable("\xc0\x9b"), "\\xc0\\x9b") << "an overlong form";
  EXPECT_EQ(printable("\xe2\x80"), "\\xe2\\x80") << "cut short";
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "a surrogate";
  EXPECT_EQ(printable("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80") << "beyond U+10FFFF";
}

TEST(Printable, LinesKeepTheirEnds) { EXPECT_EQ(printable_lines("a\n\x1b\u202e\n"), "a\n\\x1b\\u202e\n"); }

}  // namespace
}  // namespace neurocuda
