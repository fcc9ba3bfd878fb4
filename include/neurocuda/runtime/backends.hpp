#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "neurocuda/runtime/executable.hpp"

namespace neurocuda::runtime {

/// Choices of a deployment; a target looks only at those that concern it.
struct CompileOptions {
  int device = 0;  ///< gpu: the index of the GPU
};

/// One place a Program can be deployed to.
class Backend {
 public:
  virtual ~Backend() = default;
  virtual std::string_view target() const = 0;
  virtual std::string description() const = 0;
  virtual bool available() const = 0;
  /// How to get it; empty when available.
  virtual std::string remedy() const = 0;
  /// Throws BackendUnavailable with the remedy when not available.
  virtual std::unique_ptr<Executable> compile(const program::Program& program,
                                              const CompileOptions& options = {}) const = 0;
};

/// All targets known to this build, whether available or not: reference, cpu, gpu, loihi2_sim.
const std::vector<const Backend*>& backends();
/// UserError that lists the known targets when there is no such one.
const Backend& backend(std::string_view target);
/// Validates the Program and makes it ready for `target`. UserError, too, when it needs what that cannot run (yet).
std::unique_ptr<Executable> compile(const program::Program& program, std::string_view target,
                                    const CompileOptions& options = {});

}  // namespace neurocuda::runtime
