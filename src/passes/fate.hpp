#pragma once

#include <string>

#include "neurocuda/passes/passes.hpp"

namespace neurocuda::passes {

/// What becomes of one operator when nothing about its place in the graph is wrong.
struct Fate {
  Verdict verdict = Verdict::exact;
  std::string reason = {};
  std::string remedy = {};
};

Fate fate_of(const ir::Operator& op);

}  // namespace neurocuda::passes
