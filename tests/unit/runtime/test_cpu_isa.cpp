#include <cstdlib>

#include "neurocuda/runtime/backends.hpp"
#include "runtime/cpu/isa.hpp"
#include "runtime/cpu/run/synapse_path.hpp"
#include "support/expect_error.hpp"
#include "unit/runtime/one_neuron.hpp"

namespace neurocuda {
namespace {

using runtime::cpu::choose_isa;
using runtime::cpu::compiled_isas;
using testing::expect_error;

/// NEUROCUDA_ISA for the length of a test.
class Request {
 public:
  explicit Request(const std::string& isa) { setenv("NEUROCUDA_ISA", isa.c_str(), 1); }
  ~Request() { unsetenv("NEUROCUDA_ISA"); }
};

TEST(CpuIsa, TheFirstRunsEverywhere) { EXPECT_TRUE(compiled_isas().front().supported()); }

TEST(CpuIsa, TheFastestSupportedIsChosen) {
  const auto& chosen = choose_isa("");
  EXPECT_TRUE(chosen.supported());
  bool after = false;
  for (const auto& isa : compiled_isas()) {
    EXPECT_FALSE(after && isa.supported()) << isa.name;
    after = after || isa.name == chosen.name;
  }
}

TEST(CpuIsa, TheEnvironmentOverrides) {
  unsetenv("NEUROCUDA_ISA");
  EXPECT_EQ(runtime::cpu::requested_isa(), "");
  for (const auto& isa : compiled_isas()) {
    const Request request{std::string(isa.name)};
    if (isa.supported()) {
      EXPECT_EQ(runtime::compile(testing::one_neuron(), "cpu")->isa(), isa.name);
    } else {
      expect_error<UserError>([] { runtime::compile(testing::one_neuron(), "cpu"); },
                              {std::string(isa.name), "not supported"});
    }
  }
}

TEST(CpuIsa, AnUnknownNameFailsLoudly) {
  const Request request("avx9000");
  expect_error<UserError>([] { runtime::compile(testing::one_neuron(), "cpu"); },
                          {"'avx9000'", "NEUROCUDA_ISA", std::string(compiled_isas().front().name)});
}

TEST(CpuIsa, AnUnknownWayOfSynapsesFailsLoudly) {
  using runtime::cpu::SynapsePath;
  unsetenv("NEUROCUDA_SYNAPSES");
  EXPECT_EQ(runtime::cpu::requested_path(), SynapsePath::by_density);
  for (const auto& [name, path] : {std::pair{"sparse", SynapsePath::sparse}, {"dense", SynapsePath::dense}}) {
    setenv("NEUROCUDA_SYNAPSES", name, 1);
    EXPECT_EQ(runtime::cpu::requested_path(), path);
    runtime::compile(testing::one_neuron(), "cpu");
  }
  setenv("NEUROCUDA_SYNAPSES", "fast", 1);
  expect_error<UserError>([] { runtime::compile(testing::one_neuron(), "cpu"); },
                          {"'fast'", "NEUROCUDA_SYNAPSES", "sparse or dense"});
  unsetenv("NEUROCUDA_SYNAPSES");
}

}  // namespace
}  // namespace neurocuda
