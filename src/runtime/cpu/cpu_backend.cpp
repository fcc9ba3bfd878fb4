#include "runtime/backend_list.hpp"
#include "runtime/cpu/cpu_executable.hpp"

namespace neurocuda::runtime {
namespace {

class CpuBackend : public Backend {
 public:
  std::string_view target() const override { return "cpu"; }
  std::string description() const override {
    std::string names;
    for (const cpu::Isa& isa : cpu::compiled_isas()) names += (names.empty() ? "" : ", ") + std::string(isa.name);
    return "event-driven, all cores (" + names + "; NEUROCUDA_ISA chooses)";
  }
  bool available() const override { return true; }
  std::string remedy() const override { return {}; }
  std::unique_ptr<Executable> compile(const program::Program& program, const CompileOptions&) const override {
    program::validate(program);
    return std::make_unique<cpu::CpuExecutable>(program, cpu::requested_isa(), cpu::requested_path());
  }
};

}  // namespace

const Backend& cpu_backend() {
  static const CpuBackend backend;
  return backend;
}

}  // namespace neurocuda::runtime
