#include <gtest/gtest.h>

#include "neurocuda/verify/verify.hpp"
#include "support/expect_error.hpp"
#include "support/random_images.hpp"

namespace neurocuda::verify {
namespace {

using testing::expect_error;

Tensor<std::int8_t>& first_weights(program::Program& program, std::size_t node) {
  auto* layer = program.nodes[node].as<program::IfLayer>();
  auto& groups = layer ? layer->groups : program.nodes[node].as<program::Accumulator>()->groups;
  return std::visit(
      [](auto& connection) -> auto& { return connection.weight; }, groups.front().connection);
}

TEST(WithChangedWeight, ChangesThatWeightAndNothingElse) {
  program::Program program = testing::random_image_program(1);
  const std::size_t output = program.nodes.size() - 1;
  first_weights(program, output)[1] = 5;
  program::Program changed = with_changed_weight(program, program.nodes.back().name, 1, 3);
  EXPECT_EQ(first_weights(changed, output)[1], 8);
  first_weights(changed, output)[1] = 5;
  EXPECT_EQ(changed, program);
}

TEST(WithChangedWeight, GoesTheOtherWayAtTheEndOfTheRange) {
  program::Program program = testing::random_image_program(1);
  const std::size_t output = program.nodes.size() - 1;
  const std::string& name = program.nodes.back().name;
  first_weights(program, output)[0] = 127;
  program::Program down = with_changed_weight(program, name, 0, 1);
  EXPECT_EQ(first_weights(down, output)[0], 126);
  first_weights(program, output)[0] = -127;
  program::Program up = with_changed_weight(program, name, 0, -2);
  EXPECT_EQ(first_weights(up, output)[0], -125);
}

TEST(WithChangedWeight, RefusesWhatDoesNotExist) {
  program::Program program = testing::random_image_program(1);
  const std::string& name = program.nodes.back().name;
  expect_error<UserError>([&] { with_changed_weight(program, "nowhere", 0, 1); }, {"nowhere"});
  expect_error<UserError>([&] { with_changed_weight(program, program.nodes[0].name, 0, 1); }, {"no weights"});
  expect_error<UserError>([&] { with_changed_weight(program, name, 1'000'000, 1); }, {name, "1000000"});
  expect_error<UserError>([&] { with_changed_weight(program, name, -1, 1); }, {"-1"});
  expect_error<UserError>([&] { with_changed_weight(program, name, 0, 0); }, {"cannot be changed by 0"});
  expect_error<UserError>([&] { with_changed_weight(program, name, 0, 600); }, {"600", "127"});
}

}  // namespace
}  // namespace neurocuda::verify
