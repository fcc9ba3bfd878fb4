#include <gmock/gmock.h>

#include <limits>

#include "neurocuda/compiler/compiler.hpp"
#include "support/expect_error.hpp"
#include "unit/compiler/graphs.hpp"

namespace neurocuda::compiler {
namespace {

using neurocuda::testing::expect_error;

LowerOptions one_feature() {
  LowerOptions options;
  options.input_absmax = {127.0F};
  return options;
}

ir::Graph small() {
  return graphs::two_layers(graphs::linear(1, {1.0F}), graphs::neurons({1.0F}), graphs::linear(1, {1.0F}));
}

TEST(LowerErrors, OptionsOutOfRange) {
  for (const int bits : {-1, 1, 9, 32}) {
    LowerOptions options = one_feature();
    options.weight_bits = bits;
    expect_error<UserError>([&] { lower(small(), options); }, {fmt::format("{} weight bits", bits)});
    options = one_feature();
    options.input_bits = bits;
    expect_error<UserError>([&] { lower(small(), options); }, {fmt::format("{} input bits", bits)});
  }
  for (const int timesteps : {0, -5, 4097}) {
    LowerOptions options = one_feature();
    options.timesteps = timesteps;
    expect_error<UserError>([&] { lower(small(), options); }, {fmt::format("{} timesteps", timesteps)});
  }
}

TEST(LowerErrors, UnknownInputRange) {
  expect_error<ConversionError>([] { lower(small()); }, {"normalisation", "input_absmax"});
}

TEST(LowerErrors, GraphsThatDoNotSpikeYet) {
  ir::Graph graph;
  const auto input = graph.add("input", ir::Input{{1}, {}});
  const auto fc1 = graph.add("fc1", graphs::linear(1, {1.0F}), {input});
  const auto relu = graph.add("relu", ir::ReLU{}, {fc1});
  const auto fc2 = graph.add("fc2", graphs::linear(1, {1.0F}), {relu});
  graph.add("output", ir::Output{}, {fc2});
  expect_error<ConversionError>([&] { lower(graph, one_feature()); }, {"'relu'", "substitute_if"});
}

TEST(LowerErrors, MaximaOfTheInput) {
  ir::Graph graph;
  const auto input = graph.add("input", ir::Input{{1, 2, 2}, {}});
  const auto max = graph.add("max", ir::MaxPool2d{{{2, 2}, {2, 2}, {0, 0}, {1, 1}}}, {input});
  const auto conv = graph.add("conv", graphs::conv({1, 1, 1, 1}, {1.0F}), {max});
  const auto neurons = graph.add("if", graphs::neurons({1.0F}), {conv});
  const auto flat = graph.add("flat", ir::Flatten{}, {neurons});
  const auto fc = graph.add("fc", graphs::linear(1, {1.0F}), {flat});
  graph.add("output", ir::Output{}, {fc});
  expect_error<ConversionError>([&] { lower(graph, one_feature()); }, {"'max'"});
}

TEST(LowerErrors, MembranesBeyondInt32NameTheLayer) {
  // The bias is raised to -2^23 units; 4096 steps of it are -2^35.
  const ir::Graph graph =
      graphs::two_layers(graphs::linear(1, {1e-3F}, {-1e6F}), graphs::neurons({1.0F}), graphs::linear(1, {1.0F}));
  LowerOptions options = one_feature();
  options.timesteps = 4096;
  expect_error<ConversionError>([&] { lower(graph, options); }, {"'if1'", "4096 timesteps"});
}

TEST(LowerErrors, ParametersThatAreNotFinite) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  expect_error<UserError>(
      [&] {
        lower(graphs::two_layers(graphs::linear(1, {nan}), graphs::neurons({1.0F}), graphs::linear(1, {1.0F})),
              one_feature());
      },
      {"fc1"});
  expect_error<UserError>(
      [&] {
        lower(graphs::two_layers(graphs::linear(1, {1.0F}), graphs::neurons({-1.0F}), graphs::linear(1, {1.0F})),
              one_feature());
      },
      {"if1"});
}

}  // namespace
}  // namespace neurocuda::compiler
