#include <gtest/gtest.h>

#include "neurocuda/base/report_json.hpp"

namespace neurocuda::toy {

struct Inner {
  std::string name;
  double value = 0;
};
template <class Visit>
void visit_fields(const Inner& inner, const Visit& visit) {
  visit("name", inner.name);
  visit("value", inner.value);
}

struct Outer {
  std::int64_t count = 0;
  bool done = false;
  std::optional<double> share;
  std::optional<Inner> best;
  std::vector<Inner> all;
  std::vector<double> numbers;
  std::string_view text;
};
template <class Visit>
void visit_fields(const Outer& outer, const Visit& visit) {
  visit("count", outer.count);
  visit("done", outer.done);
  visit("share", outer.share);
  visit("best", outer.best);
  visit("all", outer.all);
  visit("numbers", outer.numbers);
  visit("text", outer.text);
  for (const Inner& inner : outer.all) visit(inner.name + "_value", inner.value);
}

namespace {

TEST(Report, EveryFactInItsOrder) {
  const Outer outer{3, true, {}, Inner{"a", 1}, {{"b", 2}, {"c", 3}}, {0.5}, "words"};
  EXPECT_EQ(report::to_json(outer).dump(),
            R"({"count":3,"done":true,"share":null,"best":{"name":"a","value":1.0},)"
            R"("all":[{"name":"b","value":2.0},{"name":"c","value":3.0}],"numbers":[0.5],"text":"words",)"
            R"("b_value":2.0,"c_value":3.0})");
}

TEST(Report, AListOfReports) {
  EXPECT_EQ(report::to_json(std::vector<Inner>{{"a", 1}}).dump(), R"([{"name":"a","value":1.0}])");
  EXPECT_EQ(report::to_json(std::vector<Inner>{}).dump(), "[]");
}

}  // namespace
}  // namespace neurocuda::toy
