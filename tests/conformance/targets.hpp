#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "neurocuda/runtime/backends.hpp"

namespace neurocuda::testing {

/// A suite whose cases run on every backend of this build; skipped where it is not available.
class OnEveryTarget : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    const runtime::Backend& backend = runtime::backend(GetParam());
    if (!backend.available()) GTEST_SKIP() << "not available: " << backend.remedy();
  }
};

inline std::vector<std::string> targets() {
  std::vector<std::string> names;
  for (const runtime::Backend* backend : runtime::backends()) names.emplace_back(backend->target());
  return names;
}

inline std::string parameter_name(const ::testing::TestParamInfo<std::string>& test) { return test.param; }

}  // namespace neurocuda::testing
