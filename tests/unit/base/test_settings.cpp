#include <gtest/gtest.h>

#include "neurocuda/base/settings_json.hpp"
#include "support/expect_error.hpp"

namespace neurocuda::toy {

enum class Colour { red, green };

}  // namespace neurocuda::toy

template <>
struct neurocuda::settings::Choices<neurocuda::toy::Colour> {
  static constexpr std::array<std::pair<neurocuda::toy::Colour, std::string_view>, 2> list{
      {{neurocuda::toy::Colour::red, "red"}, {neurocuda::toy::Colour::green, "green"}}};
};

namespace neurocuda::toy {

struct Settings {
  int count = 3;
  std::optional<double> share;
  bool on = false;
  Colour colour = Colour::red;
  std::string name = "x";
  std::vector<float> list;
  std::uint64_t seed = 0;
  bool operator==(const Settings&) const = default;
};

inline constexpr auto kTable = std::tuple{
    settings::field("count", &Settings::count, {1, 9}, "how many", settings::Group::data),
    settings::field("share", &Settings::share, {0, 1}, "which part", settings::Group::data, settings::Level::expert),
    settings::field("on", &Settings::on, {}, "whether", settings::Group::data),
    settings::field("colour", &Settings::colour, {}, "which", settings::Group::network),
    settings::field("name", &Settings::name, {}, "what it is called", settings::Group::network),
    settings::field("list", &Settings::list, {}, "numbers", settings::Group::network),
    settings::field("seed", &Settings::seed, {}, "of everything", settings::Group::compute)};
static_assert(settings::kHasMembers<Settings, 7>);
static_assert(!settings::kHasMembers<Settings, 6> && !settings::kHasMembers<Settings, 8>);
inline const auto& settings_table(const Settings&) { return kTable; }
inline constexpr std::array kGone{settings::Gone{"amount", "count", ""}, settings::Gone{"magic", "", "it was none"}};
inline const auto& gone_settings(const Settings&) { return kGone; }
inline constexpr std::array kRecipes{settings::Recipe{"many", "a lot", R"({"count": 9, "share": 1})"}};
inline const auto& recipes_of(const Settings&) { return kRecipes; }

namespace {

using settings::Json;

TEST(Settings, JsonHasEveryOneAndReadsBack) {
  Settings given{5, 0.25, true, Colour::green, "a b", {0.1F, 2}, 18446744073709551615ULL};
  const Json json = settings::to_json(given);
  EXPECT_EQ(json.size(), 7U);
  Settings read;
  settings::assign_all(read, Json::parse(json.dump()));
  EXPECT_EQ(read, given);
  settings::assign_all(given, settings::to_json(Settings{}));
  EXPECT_EQ(given, Settings{});
  EXPECT_TRUE(settings::to_json(Settings{})["share"].is_null());
}

TEST(Settings, TextIsReadAsTheFieldSays) {
  Settings settings;
  EXPECT_TRUE(settings::assign_text(settings, "count", "4"));
  EXPECT_TRUE(settings::assign_text(settings, "share", "0.5"));
  EXPECT_TRUE(settings::assign_text(settings, "on", "true"));
  EXPECT_TRUE(settings::assign_text(settings, "colour", "green"));
  EXPECT_TRUE(settings::assign_text(settings, "name", "12"));
  EXPECT_EQ(settings, (Settings{4, 0.5, true, Colour::green, "12", {}, 0}));
  EXPECT_TRUE(settings::assign_text(settings, "share", "auto"));
  EXPECT_FALSE(settings.share.has_value());
  EXPECT_FALSE(settings::assign_text(settings, "height", "1"));
}

TEST(Settings, BadValuesNameTheSettingTheValueAndTheRange) {
  Settings settings;
  const auto refused = [&](const char* name, const Json& value, const char* wanted) {
    testing::expect_error<SettingError>([&] { settings::assign(settings, name, value); }, {name, wanted});
  };
  refused("count", 0, "count 0: must be a whole number, 1 to 9");
  refused("count", 2.5, "2.5");
  refused("count", "many", "many");
  refused("count", nullptr, "null");
  refused("count", 1e300, "1 to 9");
  refused("count", 99999999999, "1 to 9");
  refused("share", 1.5, "0 to 1, or auto");
  refused("on", 1, "true or false");
  refused("colour", "blue", "red, green");
  refused("name", 3, "text");
  refused("list", {1, "two"}, "a list of numbers");
  refused("seed", -1, "0 or more");
  EXPECT_EQ(settings.seed, 0U);
  EXPECT_TRUE(settings::assign(settings, "count", 4.0));  // as languages without integers write it
  EXPECT_EQ(settings.count, 4);
}

TEST(Settings, ValidationFindsTheFirstOutOfRange) {
  Settings settings;
  settings.share = -1;
  testing::expect_error<SettingError>([&] { settings::validate(settings); }, {"share -1"});
  settings.share.reset();
  EXPECT_NO_THROW(settings::validate(settings));
}

TEST(Settings, UnknownAndGoneNamesAreTold) {
  Settings settings;
  testing::expect_error<SettingError>(
      [&] {
        settings::assign_all(settings, {{"height", 1}});
      },
      {"height 1", "no such setting"});
  testing::expect_error<SettingError>(
      [&] {
        settings::assign_all(settings, {{"color", "red"}});
      },
      {"color red", "did you mean colour?"});
  testing::expect_error<SettingError>([&] { settings::assign_all(settings, {{"amount", 1}}); }, {"gone", "use count"});
  testing::expect_error<SettingError>([&] { settings::assign_all(settings, {{"magic", 1}}); }, {"gone", "it was none"});
}

TEST(Settings, ANameIsNearWhenMostLettersAgree) {
  const std::vector<std::string_view> known{"epochs", "fit_images", "held_out"};
  EXPECT_EQ(settings::answer_for_unknown("fit_image", known), "there is no such setting; did you mean fit_images?");
  EXPECT_EQ(settings::answer_for_unknown("epohcs", known), "there is no such setting; did you mean epochs?");
  EXPECT_EQ(settings::answer_for_unknown("mixture", known), "there is no such setting");
  EXPECT_EQ(settings::answer_for_unknown("", known), "there is no such setting");
  EXPECT_EQ(settings::answer_for_unknown(std::string(1 << 20, 'e'), known), "there is no such setting");
}

TEST(Settings, DeeplyNestedJsonIsRefusedWithoutBeingShown) {
  std::string text = "{\"count\": " + std::string(100000, '[') + std::string(100000, ']') + "}";
  Settings settings;
  testing::expect_error<SettingError>([&] { settings::assign_all(settings, Json::parse(text)); }, {"count [...]"});
}

TEST(Settings, RecipesSetWhatTheySay) {
  Settings settings;
  settings::apply_recipe(settings, "many");
  EXPECT_EQ(settings.count, 9);
  EXPECT_EQ(settings.share, 1.0);
  testing::expect_error<UserError>([&] { settings::apply_recipe(settings, "few"); }, {"'few'", "many"});
}

TEST(Settings, TheTableDescribesItself) {
  const Json table = settings::describe<Settings>();
  ASSERT_EQ(table["fields"].size(), 7U);
  const Json& count = table["fields"][0];
  EXPECT_EQ(count["name"], "count");
  EXPECT_EQ(count["type"], "int");
  EXPECT_EQ(count["default"], 3);
  EXPECT_EQ(count["low"], 1);
  EXPECT_EQ(count["high"], 9);
  EXPECT_EQ(count["level"], "common");
  EXPECT_EQ(table["fields"][1]["level"], "expert");
  EXPECT_EQ(table["fields"][3]["choices"], (Json{"red", "green"}));
  EXPECT_EQ(table["recipes"][0]["name"], "many");
  EXPECT_EQ(table["gone"].size(), 2U);
}

TEST(Settings, AListOfThemTellsRunsApart) {
  Settings a, b;
  b.colour = Colour::green;
  const auto of = [](const Settings& s, settings::Group group) {
    return settings::list_of(s, [&](settings::Group g) { return g == group; });
  };
  EXPECT_EQ(of(a, settings::Group::data), of(b, settings::Group::data));
  EXPECT_NE(of(a, settings::Group::network), of(b, settings::Group::network));
}

}  // namespace
}  // namespace neurocuda::toy
