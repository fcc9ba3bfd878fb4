#include "neurocuda/runtime/backends.hpp"

#include "neurocuda/base/error.hpp"
#include "runtime/backend_list.hpp"

namespace neurocuda::runtime {

const std::vector<const Backend*>& backends() {
  static const std::vector<const Backend*> all{&reference_backend(), &cpu_backend(), &gpu_backend(),
                                               &loihi2_sim_backend()};
  return all;
}

const Backend& backend(std::string_view target) {
  std::string known;
  for (const Backend* candidate : backends()) {
    if (candidate->target() == target) return *candidate;
    known += fmt::format("{}{}", known.empty() ? "" : ", ", candidate->target());
  }
  fail("unknown target '{}': choose one of {}", target, known);
}

std::unique_ptr<Executable> compile(const program::Program& program, std::string_view target,
                                    const CompileOptions& options) {
  return backend(target).compile(program, options);
}

}  // namespace neurocuda::runtime
