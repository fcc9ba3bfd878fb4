#include <gmock/gmock.h>

#include <set>

#include "neurocuda/program/node_traits.hpp"
#include "unit/program/tiny_programs.hpp"

namespace neurocuda::program {
namespace {

using ::testing::ElementsAre;

/// The answers for every node of a Program, in order.
template <class Trait>
auto each(const Program& program, Trait trait) {
  std::vector<decltype(trait(program.nodes[0]))> answers;
  for (const Node& node : program.nodes) answers.push_back(trait(node));
  return answers;
}

TEST(NodeTraits, TheTinyProgramHasEveryKind) {
  std::set<std::string_view> seen;
  for (const Node& node : tiny::every_kind().nodes) seen.insert(kind_name(node.kind));
  std::size_t kinds = 0;
  for_each_kind([&](const auto& kind) {
    EXPECT_TRUE(seen.contains(kind_name(kind))) << kind_name(kind);
    ++kinds;
  });
  EXPECT_EQ(seen.size(), kinds);
}

TEST(NodeTraits, VisitCallsTheHandlerOfTheKindAndMayChangeIt) {
  Program program = tiny::every_kind();
  for (Node& node : program.nodes) {
    visit_kind(
        node.kind, [](InputNode& input) { input.bits = 3; }, [](IfLayer& layer) { layer.bias.assign(4, 7); },
        [](SumPool& pool) { pool.source = 1; }, [](OrPool& pool) { pool.source = 1; },
        [](Accumulator& output) { output.scale = 2; });
  }
  EXPECT_EQ(program.input().bits, 3);
  EXPECT_THAT(program.nodes[1].as<IfLayer>()->bias, ElementsAre(7, 7, 7, 7));
  EXPECT_EQ(program.nodes[3].as<OrPool>()->source, 1);
  EXPECT_EQ(program.nodes[4].as<SumPool>()->source, 1);
  EXPECT_EQ(program.output().scale, 2);
}

TEST(NodeTraits, State) {
  EXPECT_THAT(each(tiny::every_kind(), state_of), ElementsAre(State::none, State::membranes, State::membranes,
                                                              State::none, State::none, State::accumulators));
  EXPECT_THAT(each(tiny::every_kind(), has_neurons), ElementsAre(false, true, true, false, false, false));
}

TEST(NodeTraits, MutableGroupsAreTheGroupsOfTheNode) {
  Program program = tiny::every_kind();
  for (std::size_t i = 0; i < program.nodes.size(); ++i) {
    Node& node = program.nodes[i];
    const bool layer = i == 1 || i == 2 || i == 5;
    ASSERT_EQ(mutable_groups(node) != nullptr, layer) << i;
    if (layer) {
      EXPECT_EQ(mutable_groups(node), &groups_of(node)) << i;
    }
  }
}

TEST(NodeTraits, SignalsOfAConstantCurrent) {
  EXPECT_THAT(signals(tiny::every_kind()), ElementsAre(Signal::constant, Signal::spikes, Signal::spikes, Signal::spikes,
                                                       Signal::counts, Signal::nothing));
}

TEST(NodeTraits, SumsOfTheInputAreConstantOrCountsAsTheInputIs) {
  Program program = tiny::every_kind();
  program.nodes[1] = {"pooled", {2, 6, 6}, SumPool{0, {{1, 1}, {1, 1}, {0, 0}, {1, 1}}}};
  EXPECT_EQ(signals(program)[1], Signal::constant);
  program.nodes[0].as<InputNode>()->encoding = InputEncoding::spike_train;
  EXPECT_EQ(signals(program)[0], Signal::spikes);
  EXPECT_EQ(signals(program)[1], Signal::counts);
}

TEST(NodeTraits, ValueRanges) {
  const ValueRange bits{0, 1};
  EXPECT_THAT(value_ranges(tiny::every_kind()),
              ElementsAre(ValueRange{-127, 127}, bits, bits, bits, ValueRange{0, 4}, ValueRange{0, 0}));
}

}  // namespace
}  // namespace neurocuda::program
