#include "neurocuda/runtime/backends.hpp"
#include "runtime/gpu/gpu_executable.hpp"
#include "support/expect_error.hpp"
#include "support/gpu_emulation/emulated_device.hpp"
#include "unit/runtime/one_neuron.hpp"

namespace neurocuda {
namespace {

using testing::expect_error;

TEST(Backends, AreAllListed) {
  std::vector<std::string> names;
  for (const runtime::Backend* backend : runtime::backends()) {
    names.emplace_back(backend->target());
    EXPECT_FALSE(backend->description().empty());
    EXPECT_EQ(backend->remedy().empty(), backend->available()) << backend->target();
  }
  EXPECT_EQ(names, (std::vector<std::string>{"reference", "cpu", "gpu", "loihi2_sim"}));
}

TEST(Backends, UnknownTargetListsTheKnownOnes) {
  expect_error<UserError>([] { runtime::backend("tpu"); }, {"'tpu'", "reference, cpu, gpu, loihi2_sim"});
  expect_error<UserError>([] { runtime::compile(testing::one_neuron(), ""); }, {"''"});
}

TEST(Backends, AbsentOnesSayHowToGetThem) {
  for (const runtime::Backend* backend : runtime::backends()) {
    if (backend->available()) continue;
    expect_error<BackendUnavailable>([&] { backend->compile(testing::one_neuron()); },
                                     {std::string(backend->target()), backend->remedy()});
  }
}

TEST(Backends, CompileValidates) {
  program::Program broken = testing::one_neuron();
  broken.nodes[1].as<program::IfLayer>()->theta = {7};
  for (const char* target : {"reference", "cpu"}) {
    expect_error<UserError>([&] { runtime::compile(broken, target); }, {"if1", "7"});
  }
}

TEST(Backends, RunWhatOnlyDocumentsTheConversion) {
  program::Program program = testing::one_neuron();
  program.mode = program::Mode::exact;
  program.settings = "{}";
  program.made_by = "neurocuda 0.1.0";
  program.nodes[1].as<program::IfLayer>()->density = 0.5;
  for (const char* target : {"reference", "cpu"}) EXPECT_NO_THROW(runtime::compile(program, target));
}

TEST(Backends, ExecutablesKeepTheirProgram) {
  for (const char* target : {"reference", "cpu"}) {
    const auto executable = runtime::compile(testing::one_neuron(), target);
    EXPECT_EQ(executable->target(), target);
    EXPECT_EQ(executable->program(), testing::one_neuron());
    EXPECT_FALSE(executable->isa().empty());
  }
}

}  // namespace
}  // namespace neurocuda
