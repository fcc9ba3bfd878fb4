#pragma once

#include "neurocuda/program/program.hpp"

namespace neurocuda::testing {

/// (3,) constant input -> one IF neuron -> two classes.
inline program::Program one_neuron() {
  using namespace program;
  Program program;
  program.name = "one";
  program.timesteps = 4;
  program.nodes.push_back({"input", {3}, InputNode{InputEncoding::constant_current, 4, {1, 1, 1}, {}, {}}});
  IfLayer layer{{{"fc1", 0, Linear{{{1, 3}, {1, 2, 3}}}, {0}}}, {0}, {10}, {5}, {0.5}};
  program.nodes.push_back({"if1", {1}, layer});
  program.nodes.push_back({"out", {2}, Accumulator{{{"fc2", 1, Linear{{{2, 1}, {4, -4}}}, {0, 0}}}, {1, 3}, 0.5}});
  return program;
}

}  // namespace neurocuda::testing
