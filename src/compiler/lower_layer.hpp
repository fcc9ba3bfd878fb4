#pragma once

#include <string>
#include <vector>

#include "compiler/branch_weights.hpp"
#include "neurocuda/compiler/compiler.hpp"

namespace neurocuda::compiler {

/// A branch that is ready to be quantised.
struct PreparedBranch {
  std::string name;
  program::NodeIndex source = 0;
  BranchWeights weights;
};

/// Quantises an IF node with the branches into it. Appends to `rounding` one entry per channel.
program::IfLayer lower_if(const ir::IF& neurons, const std::vector<PreparedBranch>& branches, int bits,
                          std::vector<ChannelRounding>& rounding);

/// Quantises the last layer: one scale for all `classes` channels.
program::Accumulator lower_output(const ir::Output& output, std::int64_t classes,
                                  const std::vector<PreparedBranch>& branches, int bits,
                                  std::vector<ChannelRounding>& rounding);

}  // namespace neurocuda::compiler
