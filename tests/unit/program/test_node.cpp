#include <gmock/gmock.h>

#include "unit/program/tiny_programs.hpp"

namespace neurocuda::program {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Node, GroupsAndSourcesFollowTheKind) {
  const Program program = tiny::every_kind();
  EXPECT_THAT(groups_of(program.nodes[0]), IsEmpty());
  EXPECT_THAT(groups_of(program.nodes[3]), IsEmpty());
  EXPECT_EQ(groups_of(program.nodes[2]).size(), 2U);
  EXPECT_EQ(groups_of(program.nodes[5])[0].name, "fc");
  EXPECT_THAT(sources_of(program.nodes[0]), IsEmpty());
  EXPECT_THAT(sources_of(program.nodes[2]), ElementsAre(1, 1));
  EXPECT_THAT(sources_of(program.nodes[3]), ElementsAre(2));
  EXPECT_THAT(sources_of(program.nodes[4]), ElementsAre(3));
  EXPECT_THAT(sources_of(program.nodes[5]), ElementsAre(4));
}

TEST(Node, ChannelsAndPlane) {
  EXPECT_EQ(channels({7, 3, 5}), 7);
  EXPECT_EQ(plane({7, 3, 5}), 15);
  EXPECT_EQ(channels({7}), 7);
  EXPECT_EQ(plane({7}), 1);
}

TEST(Counts, NeuronsAreThoseOfIfLayers) { EXPECT_EQ(neuron_count(tiny::every_kind()), 2 * 4 * 6 * 6); }

TEST(Counts, ConstantInputIsCountedApart) {
  const Program program = tiny::every_kind();
  EXPECT_EQ(input_macs(program), 4 * 36 * 2 * 9);
  EXPECT_EQ(dense_macs_per_timestep(program), 4 * 36 * 2 * 9 + 4 * 36 + 3 * 16);  // grouped conv, diagonal, linear
}

TEST(Counts, SpikeTrainsAreCountedAtEveryTimestep) {
  Program program = tiny::every_kind();
  const std::int64_t total = input_macs(program) + dense_macs_per_timestep(program);
  program.nodes[0].as<InputNode>()->encoding = InputEncoding::spike_train;
  EXPECT_EQ(input_macs(program), 0);
  EXPECT_EQ(dense_macs_per_timestep(program), total);
}

TEST(Counts, PoolsOfTheConstantInputStayConstant) {
  Program program = tiny::every_kind();
  program.nodes[1] = {"pooled", {2, 6, 6}, SumPool{0, {{1, 1}, {1, 1}, {0, 0}, {1, 1}}}};
  program.nodes[2] = {
      "if2", {4, 6, 6}, tiny::if_layer({{"conv2", 1, Conv{tiny::weights({4, 2, 1, 1}), {}, 1}, tiny::shifts(4)}}, 4)};
  ASSERT_NO_THROW(validate(program));
  EXPECT_EQ(input_macs(program), 4 * 36 * 2);
  EXPECT_EQ(dense_macs_per_timestep(program), 3 * 16);
}

TEST(Print, ShowsEveryNodeWithItsShapeAndSources) {
  Program program = tiny::every_kind();
  program.nodes[1].as<IfLayer>()->theta = {4, 20, 6, 8};
  const std::string text = to_string(program);
  for (const Node& node : program.nodes) {
    EXPECT_THAT(text, HasSubstr(node.name));
    EXPECT_THAT(text, HasSubstr(to_string(node.shape)));
  }
  EXPECT_THAT(text, HasSubstr("288 IF neurons"));
  EXPECT_THAT(text, HasSubstr("theta 4..20"));
  EXPECT_THAT(text, HasSubstr("conv1 <- input: conv 3x3 padding 1x1\n"));
  EXPECT_THAT(text, HasSubstr("conv2 <- if1: conv 3x3 padding 1x1 groups 2\n"));
  EXPECT_THAT(text, HasSubstr("add <- if1: diagonal, shift 2\n"));
  EXPECT_THAT(text, HasSubstr("OR pool  2x2 stride 2x2 of if2"));
  EXPECT_THAT(text, HasSubstr("fc <- avg: linear\n"));
  EXPECT_THAT(text, HasSubstr("IF  theta 10, bias 0\n")) << "what is as usual is not said";
  EXPECT_THAT(text, Not(HasSubstr("mode")));
}

TEST(Print, ShowsWhatIsNotAsUsual) {
  Program program = tiny::every_kind();
  program.mode = Mode::exact;
  auto& layer = *program.nodes[2].as<IfLayer>();
  layer.neuron = NeuronKind::signed_;
  layer.density = 0.0625;
  layer.bias_by_timestep = Tensor<std::int32_t>({2, 4}, {-3, -2, 0, 0, 3, 2, 0, 0});
  auto& pool = *program.nodes[3].as<OrPool>();
  pool.rule = MaxPoolRule::maximum_of_counts;
  EXPECT_THAT(to_string(program), HasSubstr("T = 32, exact mode, 6 nodes"));
  EXPECT_THAT(to_string(program), HasSubstr("signed IF  theta 10, bias -3..3 by timestep (2), density 0.0625\n"));
  EXPECT_THAT(to_string(program), HasSubstr("max pool of counts  2x2 stride 2x2 of if2"));
  pool.takes_minimum = {0, 1, 1, 0};
  EXPECT_THAT(to_string(program), HasSubstr("max pool of counts, minimum in 2 channels  2x2"));
}

}  // namespace
}  // namespace neurocuda::program
