#pragma once

#include <string>

#include "neurocuda/base/error.hpp"
#include "neurocuda/runtime/backends.hpp"

namespace neurocuda::runtime {

/// Stands in for a backend that this build does not have.
class AbsentBackend : public Backend {
 public:
  AbsentBackend(std::string_view target, std::string description, std::string remedy)
      : target_(target), description_(std::move(description)), remedy_(std::move(remedy)) {}

  std::string_view target() const override { return target_; }
  std::string description() const override { return description_; }
  bool available() const override { return false; }
  std::string remedy() const override { return remedy_; }
  std::unique_ptr<Executable> compile(const program::Program&, const CompileOptions&) const override {
    fail<BackendUnavailable>("target '{}' is not available: {}", target_, remedy_);
  }

 private:
  std::string target_, description_, remedy_;
};

}  // namespace neurocuda::runtime
