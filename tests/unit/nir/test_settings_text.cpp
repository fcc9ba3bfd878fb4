#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "neurocuda/base/error.hpp"
#include "neurocuda/nir/nir.hpp"
#include "nir/native/settings_text.hpp"
#include "sample_program.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

namespace neurocuda::nir::native {
namespace {

using ::testing::HasSubstr;

std::string nested(int depth) {
  std::string text = "[]";  // the innermost level
  for (int level = 1; level < depth; ++level) text = "{\"a\":" + text + "}";
  return text;
}

/// One object, as long as asked.
std::string long_settings(std::size_t bytes) { return "{\"a\":\"" + std::string(bytes - 8, 'x') + "\"}"; }

TEST(SettingsText, JsonObjectsAreTaken) {
  for (const char* text : {"{}", " {\"a\": [1, -2.5e3, true, null, \"\\u00e4\"]}\n", "{\"a\":{\"b\":{}}}"}) {
    EXPECT_EQ(settings_defect(text), "") << text;
  }
}

TEST(SettingsText, AnythingElseIsNot) {
  using namespace std::string_literals;
  for (const std::string& text :
       {""s, " "s, "1"s, "null"s, "\"{}\""s, "[]"s, "[{}]"s, "{"s, "}"s, "{}{}"s, "{} x"s, "{'a':1}"s, "{\"a\":}"s,
        "{\"a\":1e999}"s, "{\"a\":nan}"s, "{\"a\":\"\xFF\"}"s, "{}\0"s, "{\"a\":1,}"s}) {
    EXPECT_THAT(settings_defect(text), HasSubstr("JSON object")) << text;
  }
}

TEST(SettingsText, DepthIsBounded) {
  EXPECT_EQ(settings_defect(nested(32)), "");
  EXPECT_THAT(settings_defect(nested(33)), HasSubstr("deeper than 32"));
  EXPECT_THAT(settings_defect("{\"a\":" + std::string(kMaxSettingsBytes / 2, '[')), HasSubstr("deeper than 32"));
}

TEST(SettingsText, LengthIsBounded) {
  EXPECT_EQ(settings_defect(long_settings(kMaxSettingsBytes)), "");
  EXPECT_THAT(settings_defect(long_settings(kMaxSettingsBytes + 1)), HasSubstr("1048577 bytes"));
}

TEST(SettingsText, TheLongestGoesThroughAFile) {
  const neurocuda::testing::TemporaryFolder folder;
  program::Program program = neurocuda::testing::tiny_program();
  program.settings = long_settings(kMaxSettingsBytes);
  nir::write(program, folder / "snn.nir");
  EXPECT_EQ(nir::read(folder / "snn.nir"), program);
}

TEST(SettingsText, OthersAreNotWritten) {
  const neurocuda::testing::TemporaryFolder folder;
  program::Program program = neurocuda::testing::tiny_program();
  program.settings = "--percentile 99";
  neurocuda::testing::expect_error<UserError>([&] { nir::write(program, folder / "snn.nir"); },
                                              {(folder / "snn.nir").string(), "settings", "JSON object"});
  EXPECT_FALSE(std::filesystem::exists(folder / "snn.nir"));
}

}  // namespace
}  // namespace neurocuda::nir::native
